-- The stretches in which a clock stands still (D17, M4, M5), cut to the clock, in both kinds of time, each with how long the
-- clock had run before it by the goal's basis (ran_before_seconds, for clocks that can have used up their target): only the
-- pauses before that moment push its due instant back.
with

-- The lowest target that a change of priority can give; business days are counted as none.
targets as (

    select
        numbers.goal_number,
        min(coalesce(goal_targets.target_seconds, 0)) as lowest_seconds
    from {{ ref('stg_config__goal_targets') }} as goal_targets
    inner join (
        select distinct
            goal_key,
            goal_number
        from {{ ref('int_clock_goals') }}
    ) as numbers on goal_targets.goal_key = numbers.goal_key
    group by numbers.goal_number

),

clocks as (

    select
        clocks.clock_key,
        clocks.conversation_key,
        clocks.goal_number,
        clocks.schedule_number,
        clocks.is_business,
        clocks.started_epoch,
        clocks.started_position,
        clocks.stopped_epoch,
        clocks.ended_epoch,
        clocks.target_seconds,
        -- Not even without its pauses has a clock used up more than lies between its ends; a priority may have changed the
        -- target.
        case
            when clocks.is_business then clocks.ended_position - clocks.started_position
            else clocks.ended_epoch - clocks.started_epoch
        end >= least(clocks.target_seconds, targets.lowest_seconds) as can_be_used_up
    from {{ ref('int_clocks_started') }} as clocks
    inner join (select distinct goal_number from {{ ref('int_goal_pauses') }}) as pausing
        on clocks.goal_number = pausing.goal_number
    inner join targets on clocks.goal_number = targets.goal_number

),

statuses as (

    select
        conversation_key,
        {{ epoch_seconds('changed_at') }} as from_epoch,
        coalesce({{ epoch_seconds('until_at') }}, {{ forever() }}) as to_epoch,
        status
    from {{ ref('int_status_changes') }}
    where
        (until_at is null or until_at > changed_at)
        and status in (select pauses.status from {{ ref('int_goal_pauses') }} as pauses)

),

cut as (

    select
        clocks.clock_key,
        clocks.schedule_number,
        clocks.is_business,
        clocks.started_epoch,
        clocks.started_position,
        clocks.target_seconds,
        clocks.can_be_used_up,
        statuses.status,
        greatest(statuses.from_epoch, clocks.started_epoch) as from_epoch,
        least(statuses.to_epoch, clocks.ended_epoch) as to_epoch,
        -- Still paused at as_of: also one that begins at that very second.
        clocks.stopped_epoch is null and statuses.to_epoch > clocks.ended_epoch as is_paused_at_end
    from clocks
    inner join statuses
        on
            clocks.conversation_key = statuses.conversation_key
            and clocks.ended_epoch >= statuses.from_epoch
            and clocks.started_epoch < statuses.to_epoch
    inner join {{ ref('int_goal_pauses') }} as pauses
        on clocks.goal_number = pauses.goal_number and statuses.status = pauses.status
    where
        statuses.from_epoch < clocks.ended_epoch
        or clocks.stopped_epoch is null

),

positioned as (

    select
        cut.clock_key,
        cut.status,
        cut.from_epoch,
        cut.to_epoch,
        cut.is_paused_at_end,
        cut.target_seconds,
        cut.can_be_used_up,
        {{ position_at('here', 'cut.from_epoch') }} as from_position,
        {{ position_at('there', 'cut.to_epoch') }} as to_position,
        case
            when cut.is_business then {{ position_at('here', 'cut.from_epoch') }} - cut.started_position
            else cut.from_epoch - cut.started_epoch
        end as seconds_from_start,
        case
            when cut.is_business then {{ position_at('there', 'cut.to_epoch') }} - {{ position_at('here', 'cut.from_epoch') }}
            else cut.to_epoch - cut.from_epoch
        end as pause_seconds
    from cut
    {{ join_schedule_at('here', 'cut.schedule_number', 'cut.from_epoch') }}
    {{ join_schedule_at('there', 'cut.schedule_number', 'cut.to_epoch') }}

)

select
    clock_key,
    status,
    from_epoch,
    to_epoch,
    is_paused_at_end,
    target_seconds,
    from_position,
    to_position,
    pause_seconds,
    cast(null as bigint) as ran_before_seconds
from positioned
where not can_be_used_up
union all
select
    clock_key,
    status,
    from_epoch,
    to_epoch,
    is_paused_at_end,
    target_seconds,
    from_position,
    to_position,
    pause_seconds,
    seconds_from_start - cast(coalesce(sum(pause_seconds) over (
        partition by clock_key
        order by from_epoch
        rows between unbounded preceding and 1 preceding
    ), 0) as bigint) as ran_before_seconds
from positioned
where can_be_used_up
