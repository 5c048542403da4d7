-- The target in force at the start (D19): of the priority then; else the one named default; else of the first priority set
-- later that has one. Also the scheduled day that holds the first open second, from which business days count (D13).
with

clocks as (

    select
        clock_id,
        goal_key,
        conversation_id,
        started_at,
        schedule_id,
        priority_at_start
    from {{ ref('int_clocks_started') }}

),

goal_targets as (

    select
        *,
        bool_or(target_unit = 'business_days') over (partition by goal_key) as has_business_days
    from {{ ref('stg_config__goal_targets') }}

),

schedule_days as (

    select * from {{ ref('stg_config__schedule_days') }}
    where open_seconds > 0

),

positions as (

    select
        clocks.*,
        {{ clock_position('stretch', 'clocks.schedule_id', 'clocks.started_at') }} as started_position
    from clocks
    inner join (
        select distinct goal_key from goal_targets
        where has_business_days
    ) as day_goals
        on clocks.goal_key = day_goals.goal_key
    {{ join_open_stretch('stretch', 'clocks.schedule_id', 'clocks.started_at') }}

),

first_days as (

    select
        positions.clock_id,
        days.day_number
    from positions
    {{ asof_left_join(
        'schedule_days', 'days', [['positions.schedule_id', 'schedule_id']], 'positions.started_position', 'open_seconds_before'
    ) }}

),

-- The first later priority that has a target, for clocks that begin without one.
later as (

    select
        clocks.clock_id,
        min_by(changes.priority, changes.changed_at) as priority
    from clocks
    inner join {{ ref('int_priority_changes_newest') }} as changes
        on clocks.conversation_id = changes.conversation_id and clocks.started_at < changes.changed_at
    inner join goal_targets on clocks.goal_key = goal_targets.goal_key and changes.priority = goal_targets.priority
    group by clocks.clock_id

),

chosen as (

    select
        clocks.clock_id,
        clocks.goal_key,
        clocks.schedule_id,
        first_days.day_number,
        coalesce(own.priority, fallback.priority, later.priority) as target_priority,
        own.priority is null and fallback.priority is null as is_set_later
    from clocks
    left join goal_targets as own on clocks.goal_key = own.goal_key and clocks.priority_at_start = own.priority
    left join goal_targets as fallback on clocks.goal_key = fallback.goal_key and fallback.priority = 'default'
    left join later on clocks.clock_id = later.clock_id
    left join first_days on clocks.clock_id = first_days.clock_id

),

final as (

    select
        chosen.clock_id,
        chosen.target_priority,
        chosen.is_set_later,
        chosen.day_number,
        {{ target_in_seconds('goal_targets', 'first_day', 'last_day') }} as target_seconds
    from chosen
    left join goal_targets
        on chosen.goal_key = goal_targets.goal_key and chosen.target_priority = goal_targets.priority
    left join schedule_days as first_day
        on chosen.schedule_id = first_day.schedule_id and chosen.day_number = first_day.day_number
    left join schedule_days as last_day
        on
            chosen.schedule_id = last_day.schedule_id
            and chosen.day_number + cast(goal_targets.target_value as bigint) - 1 = last_day.day_number

)

select * from final
