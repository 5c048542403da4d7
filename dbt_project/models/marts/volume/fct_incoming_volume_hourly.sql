-- What came in on a channel in each hour and what became of it (M7 to M10), against what the channel is used to (M11).
with

run as (

    select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}

),

messages as (

    select
        messages.*,
        messages.written_epoch - messages.written_epoch % 3600 as hour_epoch,
        run.as_of_epoch
    from {{ ref('int_inbound_messages') }} as messages
    cross join run

),

judged as (

    select
        messages.*,
        {{ message_fate('hour_epoch + 3600', 'as_of_epoch') }} as fate,
        {{ is_viewed_by('hour_epoch + 3600') }} as is_viewed
    from messages

),

counted as (

    select
        channel_id,
        hour_epoch,
        {{ volume_counts() }}
    from judged
    group by channel_id, hour_epoch

),

-- By when they were answered, however late.
handled as (

    select
        channel_id,
        answered_epoch - answered_epoch % 3600 as hour_epoch,
        count(*) as handled_count
    from {{ ref('int_inbound_messages') }}
    where is_actionable and answered_epoch is not null and answered_epoch <= coalesce(deleted_epoch, {{ forever() }})
    group by channel_id, answered_epoch - answered_epoch % 3600

),

spans as (

    select
        messages.channel_id,
        messages.as_of_epoch,
        min(messages.hour_epoch) as first_epoch
    from messages
    group by messages.channel_id, messages.as_of_epoch

),

hours as (

    select
        spans.channel_id,
        spans.first_epoch + hours.number * 3600 as hour_epoch
    from spans
    cross join {{ whole_numbers(0, '(spans.as_of_epoch - spans.first_epoch) // 3600', 'hours') }}

),

-- Every hour, also a silent one, on its local day.
local_hours as (

    select
        hours.channel_id,
        hours.hour_epoch,
        {{ from_epoch_seconds('hours.hour_epoch') }} as hour_at,
        days.timezone,
        days.has_views,
        days.local_date,
        days.ends_epoch - days.starts_epoch as local_day_seconds
    from hours
    inner join {{ ref('int_channel_days') }} as days
        on
            hours.channel_id = days.channel_id
            and hours.hour_epoch >= days.starts_epoch
            and hours.hour_epoch < days.ends_epoch

),

filled as (

    select
        local_hours.*,
        cast({{ local_hour_of_week('local_hours.hour_at', 'local_hours.timezone') }} as integer) as hour_of_week,
        {{ volume_columns('local_hours', 'counted') }},
        coalesce(handled.handled_count, 0) as handled_count
    from local_hours
    left join counted on local_hours.channel_id = counted.channel_id and local_hours.hour_epoch = counted.hour_epoch
    left join handled on local_hours.channel_id = handled.channel_id and local_hours.hour_epoch = handled.hour_epoch

),

sustained as (

    select
        *,
        count(*) over last_90_days as trailing_hour_count,
        {{ percentile('actionable_count', 0.95) }} over last_90_days as trailing_p95_count,
        -- Held in every one of the hours in a row that end with this one.
        case when count(*) over lately = {{ sustained_hours() }} then min(handled_count) over lately end as held_count
    from filled
    window
        last_90_days as (
            partition by channel_id
            order by hour_epoch
            rows between {{ trailing_hours() - 1 }} preceding and current row
        ),
        lately as (
            partition by channel_id
            order by hour_epoch
            rows between {{ sustained_hours() - 1 }} preceding and current row
        )

),

peaked as (

    select
        *,
        case when trailing_hour_count = {{ trailing_hours() }} then trailing_p95_count end as arrivals_p95_count,
        case
            when trailing_hour_count = {{ trailing_hours() }} then max(held_count) over (
                partition by channel_id
                order by hour_epoch
                rows between {{ trailing_hours() - 1 }} preceding and current row
            )
        end as best_sustained_count
    from sustained

)

select
    channel_id,
    hour_at,
    local_date,
    cast(floor(hour_of_week / 24) as integer) + 1 as day_of_week,
    hour_of_week % 24 as hour_of_day,
    hour_of_week,
    local_day_seconds,
    local_day_seconds <> 86400 as is_clock_change_day,
    listened_count,
    assistance_count,
    unknown_intent_count,
    actionable_count,
    answered_count,
    never_answered_count,
    never_answered_rate,
    pending_count,
    measurable_count,
    measurable_share,
    never_viewed_count,
    never_answered_or_viewed_count,
    handled_count,
    arrivals_p95_count,
    actionable_count > arrivals_p95_count as is_peak_hour,
    best_sustained_count,
    best_sustained_count / nullif(arrivals_p95_count, 0) as headroom_ratio
from peaked
