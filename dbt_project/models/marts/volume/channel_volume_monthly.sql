-- What came in on a channel in each local month and what became of it by the month's end and the wait after it (M7 to M10), and
-- how promises held when it was busy (M11): clocks of responses by the hour in which they started.
with

run as (

    select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}

),

months as (

    select
        channel_id,
        has_views,
        cast(date_trunc('month', local_date) as date) as period,
        min(local_date) as first_date,
        {{ local_midnight_epoch(
            'cast(' ~ dbt.dateadd('month', 1, "cast(date_trunc('month', min(local_date)) as date)") ~ ' as date)', 'timezone'
        ) }} as ends_epoch
    from {{ ref('int_channel_days') }}
    group by channel_id, has_views, timezone, cast(date_trunc('month', local_date) as date)

),

judged as (

    select
        messages.*,
        months.period,
        {{ message_fate('months.ends_epoch', 'run.as_of_epoch') }} as fate,
        {{ is_viewed_by('months.ends_epoch') }} as is_viewed
    from {{ ref('int_inbound_messages') }} as messages
    cross join run
    inner join months
        on
            messages.channel_id = months.channel_id
            and cast(date_trunc('month', messages.local_date) as date) = months.period

),

counted as (

    select
        channel_id,
        period,
        {{ volume_counts() }}
    from judged
    group by channel_id, period

),

hours as (

    select
        channel_id,
        hour_at,
        cast(date_trunc('month', local_date) as date) as period,
        is_peak_hour,
        arrivals_p95_count,
        best_sustained_count,
        headroom_ratio
    from {{ ref('fct_incoming_volume_hourly') }}

),

-- As of the month's last hour.
loads as (

    select
        channel_id,
        period,
        count(case when is_peak_hour then 1 end) as peak_hour_count,
        count(is_peak_hour) as judged_hour_count,
        max_by(arrivals_p95_count, hour_at) as arrivals_p95_count,
        max_by(best_sustained_count, hour_at) as best_sustained_count,
        max_by(headroom_ratio, hour_at) as headroom_ratio
    from hours
    group by channel_id, period

),

response_clocks as (

    select
        channel_id,
        date_trunc('hour', started_at) as hour_at,
        count(case when outcome = 'met' then 1 end) as met_count,
        count(*) as decided_count
    from {{ ref('fct_sla_clock') }}
    where outcome in ('met', 'missed') and metric in ('first_response', 'next_response')
    group by channel_id, date_trunc('hour', started_at)

),

kept as (

    select
        hours.channel_id,
        hours.period,
        sum(case when hours.is_peak_hour then response_clocks.met_count else 0 end) as peak_met_count,
        sum(case when hours.is_peak_hour then response_clocks.decided_count else 0 end) as peak_decided_count,
        sum(case when hours.is_peak_hour then 0 else response_clocks.met_count end) as other_met_count,
        sum(case when hours.is_peak_hour then 0 else response_clocks.decided_count end) as other_decided_count
    from hours
    inner join response_clocks on hours.channel_id = response_clocks.channel_id and hours.hour_at = response_clocks.hour_at
    where hours.is_peak_hour is not null
    group by hours.channel_id, hours.period

)

select
    months.channel_id,
    months.period,
    {{ volume_columns('months', 'counted') }},
    coalesce(loads.peak_hour_count, 0) as peak_hour_count,
    coalesce(loads.judged_hour_count, 0) as judged_hour_count,
    cast(coalesce(kept.peak_met_count, 0) as bigint) as peak_met_count,
    cast(coalesce(kept.peak_decided_count, 0) as bigint) as peak_decided_count,
    kept.peak_met_count / nullif(cast(kept.peak_decided_count as double), 0) as peak_attainment_rate,
    cast(coalesce(kept.other_met_count, 0) as bigint) as other_met_count,
    cast(coalesce(kept.other_decided_count, 0) as bigint) as other_decided_count,
    kept.other_met_count / nullif(cast(kept.other_decided_count as double), 0) as other_attainment_rate,
    loads.arrivals_p95_count,
    loads.best_sustained_count,
    loads.headroom_ratio
from months
left join counted on months.channel_id = counted.channel_id and months.period = counted.period
left join loads on months.channel_id = loads.channel_id and months.period = loads.period
left join kept on months.channel_id = kept.channel_id and months.period = kept.period
