-- Schedules are expanded for the time that the warehouse looks at (docs/architecture.md, "Schema config"). A clock that starts or
-- stops outside of it has no place on its business clock, and a target in business days that ends outside of it no length: such
-- clocks are refused here, by schedule and instant, instead of being measured wrongly. Extend the schedule's effective dates to
-- cover them, or, for what is older than every record so far, load again, so that the calendar begins before it.
with

clocks as (

    select
        schedule_number,
        started_epoch,
        ended_epoch,
        started_position,
        ended_position,
        target_priority,
        target_seconds
    from {{ ref('int_clocks_started') }}
    where schedule_number is not null

),

outside as (

    select
        schedule_number,
        'start' as lost_at_end,
        started_epoch as lost_epoch
    from clocks
    where started_position is null
    union all
    select
        schedule_number,
        'stop' as lost_at_end,
        ended_epoch as lost_epoch
    from clocks
    where ended_position is null
    union all
    select
        schedule_number,
        'target of a clock that starts' as lost_at_end,
        started_epoch as lost_epoch
    from clocks
    where target_priority is not null and target_seconds is null

)

select
    schedules.schedule_id,
    outside.lost_at_end as outside_field,
    min({{ from_epoch_seconds('outside.lost_epoch') }}) as earliest_at,
    max({{ from_epoch_seconds('outside.lost_epoch') }}) as latest_at,
    count(*) as clock_count
from outside
inner join {{ ref('int_schedules_numbered') }} as schedules on outside.schedule_number = schedules.schedule_number
group by schedules.schedule_id, outside.lost_at_end
