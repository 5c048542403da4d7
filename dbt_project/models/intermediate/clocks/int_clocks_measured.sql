-- Every clock with its readings, its due instant and its outcome (D1, D2, D6, D7, D15-D17).
with

clocks as (

    select * from {{ ref('int_clocks_started') }}

),

targets as (

    select * from {{ ref('int_clock_targets') }}

),

boundaries as (

    select * from {{ ref('int_clock_boundaries') }}

),

totals as (

    select
        clock_id,
        sum(running_seconds) as elapsed_seconds,
        sum(case when not is_paused then business_seconds else 0 end) as elapsed_business_seconds,
        sum(case when not is_paused then calendar_seconds else 0 end) as elapsed_calendar_seconds,
        sum(case when is_paused then calendar_seconds else 0 end) as paused_seconds,
        sum(case when is_paused then business_seconds else 0 end) as paused_business_seconds,
        bool_or(is_last and is_paused) as is_paused_at_end
    from boundaries
    group by clock_id

),

-- The running stretch in which the target is used up; where it is not used up by the end, the clock is followed on from there.
due_stretch as (

    select
        boundaries.clock_id,
        boundaries.basis_schedule_id,
        case
            when targets.target_seconds = 0 then null
            when boundaries.running_seconds_before + boundaries.running_seconds >= targets.target_seconds
                then boundaries.basis_position + targets.target_seconds - boundaries.running_seconds_before
            when boundaries.is_paused and boundaries.stopped_at is null then null
            when boundaries.is_paused
                then
                    boundaries.basis_position
                    + case
                        when boundaries.basis_schedule_id is null then boundaries.calendar_seconds
                        else boundaries.business_seconds
                    end
                    + targets.target_seconds - boundaries.running_seconds_before
            else boundaries.basis_position + targets.target_seconds - boundaries.running_seconds_before
        end as due_position
    from boundaries
    inner join targets on boundaries.clock_id = targets.clock_id
    where
        (
            not boundaries.is_paused
            and boundaries.running_seconds_before < targets.target_seconds
            and boundaries.running_seconds_before + boundaries.running_seconds >= targets.target_seconds
        )
        or boundaries.is_last
    qualify row_number() over (partition by boundaries.clock_id order by boundaries.boundary_number) = 1

),

due as (

    select
        due_stretch.clock_id,
        {{ instant_at('stretch', 'due_stretch.basis_schedule_id', 'due_stretch.due_position') }} as used_up_at
    from due_stretch
    {{ join_stretch_at('stretch', 'due_stretch.basis_schedule_id', 'due_stretch.due_position') }}

),

judged as (

    select
        clocks.*,
        targets.target_seconds,
        targets.target_seconds_at_start,
        targets.target_priority as priority_at_decision,
        targets.retargeted_at,
        totals.elapsed_seconds,
        totals.elapsed_business_seconds,
        totals.elapsed_calendar_seconds,
        totals.paused_seconds,
        totals.paused_business_seconds,
        totals.is_paused_at_end,
        case
            when targets.target_seconds = 0 then greatest(clocks.started_at, targets.retargeted_at)
            when due.used_up_at is not null then greatest(due.used_up_at, targets.retargeted_at)
        end as reached_at,
        case
            when clocks.conversation_excluded_reason is not null then clocks.conversation_excluded_reason
            when clocks.merged_at is not null and clocks.stopped_at is null then 'merged'
            when not clocks.has_agreement then 'no_agreement'
            when targets.target_seconds is null then 'no_target'
            when clocks.stop_reason = 'closed_without_reply' and totals.elapsed_seconds <= targets.target_seconds
                then 'closed_without_reply'
        end as excluded_reason
    from clocks
    inner join totals on clocks.clock_id = totals.clock_id
    left join targets on clocks.clock_id = targets.clock_id
    left join due on clocks.clock_id = due.clock_id

),

decided as (

    select
        *,
        case
            when excluded_reason is not null then 'excluded'
            when elapsed_seconds > target_seconds then 'missed'
            when stopped_at is not null then 'met'
            when is_paused_at_end then 'paused'
            else 'running'
        end as outcome
    from judged

),

final as (

    select
        *,
        reached_at as due_at,
        case when outcome in ('met', 'missed') then least(stopped_at, reached_at) end as decided_at
    from decided

)

select * from final
