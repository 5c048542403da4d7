-- How a figure of the vendor differs from ours, taken apart: one row a clock, figure and basis.
--
--   vendor - ours = start + stop + pauses + remainder
--
-- start, stop: what lies between the two clocks' starts and stops. pauses: what our clock leaves out less what the vendor's does.
-- All three are counted with our business hours. remainder: what the vendor's figure differs by from its own stretches counted
-- so: less than a minute is its rounding; more, and on the business basis only, is another schedule.
{{ config(database='working') }}
with

pairs as (

    select
        pairs.*,
        clocks.metric,
        clocks.source,
        clocks.conversation_id,
        clocks.stopped_at,
        clocks.started_by,
        clocks.excluded_reason,
        clocks.target_seconds as our_target_seconds,
        clocks.target_seconds_at_start as our_target_seconds_at_start,
        clocks.elapsed_calendar_seconds,
        clocks.elapsed_business_seconds,
        clocks.paused_seconds as our_paused_calendar,
        clocks.paused_business_seconds as our_paused_business,
        schedules.schedule_number,
        {{ epoch_seconds('clocks.started_at') }} as our_start,
        {{ epoch_seconds('clocks.started_at') }} + clocks.elapsed_calendar_seconds + clocks.paused_seconds as our_end,
        lives.started_epoch as vendor_start,
        lives.stopped_epoch as vendor_stop,
        lives.calendar_seconds as vendor_calendar,
        lives.business_seconds as vendor_business,
        lives.precision_seconds,
        lives.target_seconds as vendor_target_seconds,
        lives.is_target_in_business_hours,
        lives.is_breached as is_vendor_breached
    from {{ ref('int_vendor_pairs') }} as pairs
    inner join {{ ref('fct_sla_clock') }} as clocks on pairs.clock_id = clocks.clock_id
    inner join {{ ref('int_vendor_lives') }} as lives
        on
            pairs.conversation_key = lives.conversation_key
            and pairs.feed = lives.feed
            and pairs.vendor_metric = lives.vendor_metric
            and pairs.instance_number = lives.instance_number
    left join {{ ref('int_schedules_numbered') }} as schedules on clocks.schedule_id = schedules.schedule_id

),

counted as (

    select
        pairs.clock_id,
        pairs.feed,
        pairs.vendor_metric,
        sum(stretches.to_epoch - stretches.from_epoch) as calendar_seconds,
        sum(
            {{ position_at('there', 'stretches.to_epoch') }} - {{ position_at('here', 'stretches.from_epoch') }}
        ) as business_seconds
    from pairs
    inner join {{ ref('int_vendor_stretches') }} as stretches
        on
            pairs.conversation_key = stretches.conversation_key
            and pairs.feed = stretches.feed
            and pairs.vendor_metric = stretches.vendor_metric
            and pairs.instance_number = stretches.instance_number
    {{ join_schedule_at('here', 'pairs.schedule_number', 'stretches.from_epoch') }}
    {{ join_schedule_at('there', 'pairs.schedule_number', 'stretches.to_epoch') }}
    group by pairs.clock_id, pairs.feed, pairs.vendor_metric

),

-- The time that a conversation stood solved between the vendor's start and stop.
solved as (

    select
        pairs.clock_id,
        pairs.feed,
        pairs.vendor_metric,
        sum(
            least(coalesce(statuses.to_epoch, pairs.vendor_stop), pairs.vendor_stop) - statuses.from_epoch
        ) as calendar_seconds
    from pairs
    inner join {{ ref('int_vendor_statuses') }} as statuses
        on
            pairs.conversation_key = statuses.conversation_key
            and pairs.vendor_stop > statuses.from_epoch
            and pairs.vendor_start <= statuses.from_epoch
    where statuses.status in ('solved', 'closed')
    group by pairs.clock_id, pairs.feed, pairs.vendor_metric

),

measured as (

    select
        pairs.*,
        coalesce(counted.calendar_seconds, 0) as replica_calendar,
        coalesce(counted.business_seconds, 0) as replica_business,
        coalesce(solved.calendar_seconds, 0) as vendor_solved_seconds,
        pairs.our_start - pairs.vendor_start as start_calendar,
        pairs.vendor_stop - pairs.our_end as stop_calendar,
        {{ position_at('our_first', 'pairs.our_start') }}
        - {{ position_at('their_first', 'pairs.vendor_start') }} as start_business,
        {{ position_at('their_last', 'pairs.vendor_stop') }}
        - {{ position_at('our_last', 'pairs.our_end') }} as stop_business
    from pairs
    left join counted
        on
            pairs.clock_id = counted.clock_id
            and pairs.feed = counted.feed
            and pairs.vendor_metric = counted.vendor_metric
    left join solved
        on
            pairs.clock_id = solved.clock_id
            and pairs.feed = solved.feed
            and pairs.vendor_metric = solved.vendor_metric
    {{ join_schedule_at('our_first', 'pairs.schedule_number', 'pairs.our_start') }}
    {{ join_schedule_at('their_first', 'pairs.schedule_number', 'pairs.vendor_start') }}
    {{ join_schedule_at('our_last', 'pairs.schedule_number', 'pairs.our_end') }}
    {{ join_schedule_at('their_last', 'pairs.schedule_number', 'pairs.vendor_stop') }}

),

-- Business minutes are compared where the agreement has hours: without them our business time is the calendar's.
by_basis as (

    select
        *,
        'calendar' as basis,
        vendor_calendar as vendor_seconds,
        elapsed_calendar_seconds as our_seconds,
        start_calendar as start_seconds,
        stop_calendar as stop_seconds,
        our_paused_calendar as our_paused_seconds,
        replica_calendar as replica_seconds
    from measured
    where vendor_calendar is not null
    union all
    select
        *,
        'business' as basis,
        vendor_business as vendor_seconds,
        elapsed_business_seconds as our_seconds,
        start_business as start_seconds,
        stop_business as stop_seconds,
        our_paused_business as our_paused_seconds,
        replica_business as replica_seconds
    from measured
    where vendor_business is not null and schedule_number is not null

),

final as (

    select
        *,
        vendor_seconds - our_seconds as difference_seconds,
        replica_seconds - our_seconds - start_seconds - stop_seconds as pause_seconds,
        vendor_seconds - replica_seconds as remainder_seconds,
        vendor_calendar - replica_calendar as calendar_remainder_seconds
    from by_basis

)

select * from final
