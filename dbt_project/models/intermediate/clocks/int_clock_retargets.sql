-- Clocks whose target is not, or not only, that of their start (D19): every change of priority re-targets the open clock, unless
-- a miss stood by then; and a clock without a target at its start takes that of the first priority set later that has one.
with

targets as (

    select
        goal_targets.priority,
        goal_targets.target_value,
        goal_targets.target_unit,
        goal_targets.target_seconds,
        numbers.goal_number
    from {{ ref('stg_config__goal_targets') }} as goal_targets
    inner join (
        select distinct
            goal_key,
            goal_number
        from {{ ref('int_clock_goals') }}
    ) as numbers on goal_targets.goal_key = numbers.goal_key

),

retargeted_goals as (

    select goal_number
    from targets
    group by goal_number
    having count(*) > 1 or max(priority) <> 'default'

),

-- The last change of a second is the one that counts (D14).
priorities as (

    select
        conversation_key,
        {{ epoch_seconds('changed_at') }} as changed_epoch,
        priority
    from {{ ref('int_priority_changes') }}
    where (until_at is null or until_at > changed_at) and {{ is_touched('conversation_key') }}

),

later as (

    select
        clocks.clock_key,
        clocks.goal_number,
        clocks.schedule_number,
        clocks.is_business,
        clocks.started_epoch,
        clocks.started_position,
        clocks.target_priority,
        clocks.target_seconds as target_seconds_at_start,
        priorities.changed_epoch,
        priorities.changed_epoch < clocks.ended_epoch
        or (clocks.stopped_epoch is null and priorities.changed_epoch = clocks.ended_epoch) as is_before_stop,
        targets.priority,
        targets.target_unit,
        targets.target_value,
        targets.target_seconds
    from {{ ref('int_clocks_started') }} as clocks
    inner join retargeted_goals on clocks.goal_number = retargeted_goals.goal_number
    inner join priorities
        on
            clocks.conversation_key = priorities.conversation_key
            and clocks.started_epoch < priorities.changed_epoch
    inner join targets on clocks.goal_number = targets.goal_number and priorities.priority = targets.priority
    where
        (clocks.target_priority is null and clocks.until_epoch is null)
        or priorities.changed_epoch < clocks.ended_epoch
        or (clocks.stopped_epoch is null and priorities.changed_epoch = clocks.ended_epoch)

),

changes as (

    select
        later.* exclude (target_unit, target_value, target_seconds), -- noqa: RF02
        {{ target_in_seconds('later', 'first_day', 'last_day') }} as target_seconds,
        {{ position_at('there', 'later.changed_epoch') }} as changed_position
    from later
    {{ join_business_days('later', 'later') }}
    {{ join_schedule_at('there', 'later.schedule_number', 'later.changed_epoch') }}

),

paused_before as (

    select
        changes.clock_key,
        changes.changed_epoch,
        cast(sum(least(pauses.to_epoch, changes.changed_epoch) - pauses.from_epoch) as bigint) as calendar_seconds,
        cast(sum(least(pauses.to_position, changes.changed_position) - pauses.from_position) as bigint) as business_seconds
    from changes
    inner join {{ ref('int_clock_pauses') }} as pauses
        on changes.clock_key = pauses.clock_key and changes.changed_epoch > pauses.from_epoch
    group by changes.clock_key, changes.changed_epoch

),

measured as (

    select
        changes.*,
        case
            when changes.is_business
                then changes.changed_position - changes.started_position - coalesce(paused_before.business_seconds, 0)
            else changes.changed_epoch - changes.started_epoch - coalesce(paused_before.calendar_seconds, 0)
        end as elapsed_at_change
    from changes
    left join paused_before
        on changes.clock_key = paused_before.clock_key and changes.changed_epoch = paused_before.changed_epoch

),

-- What stands at the start: the target there, or, where there is none, the first one set later (nothing can be missed before it).
at_start as (

    select distinct
        clock_key,
        target_priority as priority,
        target_seconds_at_start as target_seconds,
        true as can_be_missed
    from measured
    where target_priority is not null
    union all
    select
        clock_key,
        min_by(priority, changed_epoch) as priority,
        min_by(target_seconds, changed_epoch) as target_seconds,
        false as can_be_missed
    from measured
    where target_priority is null
    group by clock_key

),

steps as (

    select
        clock_key,
        cast(null as bigint) as changed_epoch,
        {{ beginning() }} as step_order,
        priority,
        cast(0 as bigint) as elapsed_at_change,
        target_seconds,
        can_be_missed
    from at_start
    union all
    select
        clock_key,
        changed_epoch,
        changed_epoch as step_order,
        priority,
        cast(elapsed_at_change as bigint) as elapsed_at_change,
        target_seconds,
        true as can_be_missed
    from measured
    where is_before_stop

),

with_next as (

    select
        *,
        can_be_missed
        and coalesce(lead(elapsed_at_change) over (partition by clock_key order by step_order) > target_seconds, false)
            as is_missed_before_next
    from steps

),

-- The step that decides: the first whose target was exceeded before the next change (the miss stands), else the last.
final as (

    select
        with_next.clock_key,
        with_next.changed_epoch as retargeted_epoch,
        with_next.priority as target_priority,
        with_next.target_seconds,
        at_start.target_seconds as target_seconds_at_start
    from with_next
    inner join at_start on with_next.clock_key = at_start.clock_key
    qualify row_number() over (
        partition by with_next.clock_key
        order by
            with_next.is_missed_before_next desc,
            case when with_next.is_missed_before_next then with_next.step_order end asc,
            with_next.step_order desc
    ) = 1

)

select * from final
