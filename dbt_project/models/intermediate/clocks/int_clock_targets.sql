-- The target that decides each clock (D19): every change of priority re-targets the open clock, unless a miss stood by then.
with

clocks as (

    select
        clock_id,
        goal_key,
        schedule_id,
        priority_at_start
    from {{ ref('int_clocks_started') }}

),

at_start as (

    select * from {{ ref('int_clock_targets_at_start') }}

),

schedule_days as (

    select * from {{ ref('stg_config__schedule_days') }}
    where open_seconds > 0

),

changes as (

    select
        boundaries.clock_id,
        boundaries.boundary_number,
        boundaries.boundary_at,
        boundaries.priority,
        boundaries.running_seconds_before as elapsed_at_change,
        {{ target_in_seconds('goal_targets', 'first_day', 'last_day') }} as target_seconds
    from {{ ref('int_clock_boundaries') }} as boundaries
    inner join clocks on boundaries.clock_id = clocks.clock_id
    inner join at_start on boundaries.clock_id = at_start.clock_id
    inner join {{ ref('stg_config__goal_targets') }} as goal_targets
        on clocks.goal_key = goal_targets.goal_key and boundaries.priority = goal_targets.priority
    left join schedule_days as first_day
        on clocks.schedule_id = first_day.schedule_id and at_start.day_number = first_day.day_number
    left join schedule_days as last_day
        on
            clocks.schedule_id = last_day.schedule_id
            and at_start.day_number + cast(goal_targets.target_value as bigint) - 1 = last_day.day_number
    where boundaries.priority is not null

),

steps as (

    select
        clock_id,
        0 as step_number,
        cast(null as timestamp) as changed_at,
        target_priority as priority,
        cast(0 as bigint) as elapsed_at_change,
        target_seconds,
        not is_set_later as can_be_missed
    from at_start
    union all
    select
        clock_id,
        row_number() over (partition by clock_id order by boundary_number) as step_number,
        boundary_at as changed_at,
        priority,
        cast(elapsed_at_change as bigint) as elapsed_at_change,
        target_seconds,
        true as can_be_missed
    from changes

),

with_next as (

    select
        *,
        -- Before the first target that there was, nothing can have been missed.
        can_be_missed
        and coalesce(lead(elapsed_at_change) over (partition by clock_id order by step_number) > target_seconds, false)
            as is_missed_before_next
    from steps

),

-- The step that decides: the first whose target was exceeded before the next change (the miss stands), else the last.
final as (

    select
        with_next.clock_id,
        with_next.step_number,
        with_next.changed_at as retargeted_at,
        with_next.priority as target_priority,
        with_next.target_seconds,
        at_start.target_seconds as target_seconds_at_start
    from with_next
    inner join at_start on with_next.clock_id = at_start.clock_id
    qualify row_number() over (
        partition by with_next.clock_id
        order by
            with_next.is_missed_before_next desc,
            case when with_next.is_missed_before_next then with_next.step_number end asc,
            with_next.step_number desc
    ) = 1

)

select * from final
