-- Every instant at which something about a clock changes: its start, a pause beginning or ending (D17), a priority that
-- re-targets it (D19). One row an instant and cause, with the clock's reading up to it.
with

clocks as (

    select
        clock_id,
        goal_key,
        conversation_id,
        metric,
        started_by,
        started_at,
        stopped_at,
        coalesce(stopped_at, {{ as_of() }}) as ended_at,
        schedule_id,
        basis_schedule_id,
        has_pauses,
        pause_statuses
    from {{ ref('int_clocks_started') }}

),

retargeted_goals as (

    select goal_key
    from {{ ref('stg_config__goal_targets') }}
    group by goal_key
    having count(*) > 1 or max(priority) <> 'default'

),

paused_at_start as (

    select
        clocks.clock_id,
        {{ array_holds('clocks.pause_statuses', 'statuses.status') }} as is_paused
    from clocks
    {{ asof_left_join(
        ref('int_status_changes_newest'), 'statuses',
        [['clocks.conversation_id', 'conversation_id']], 'clocks.started_at', 'changed_at'
    ) }}
    where clocks.has_pauses

),

starts as (

    select
        clocks.clock_id,
        clocks.started_at as boundary_at,
        0 as boundary_rank,
        cast(0 as bigint) as boundary_order,
        clocks.started_by as cause,
        cast(null as varchar) as priority,
        coalesce(paused_at_start.is_paused, false) as is_paused
    from clocks
    left join paused_at_start on clocks.clock_id = paused_at_start.clock_id

),

status_boundaries as (

    select
        clocks.clock_id,
        changes.changed_at as boundary_at,
        1 as boundary_rank,
        coalesce(changes.source_order, 0) as boundary_order,
        'status:' || changes.status as cause,
        cast(null as varchar) as priority,
        {{ array_holds('clocks.pause_statuses', 'changes.status') }} as is_paused
    from clocks
    inner join {{ ref('int_status_changes') }} as changes
        on
            clocks.conversation_id = changes.conversation_id
            and clocks.started_at < changes.changed_at
            and (clocks.ended_at > changes.changed_at or (clocks.stopped_at is null and clocks.ended_at = changes.changed_at))
    where clocks.has_pauses

),

priority_boundaries as (

    select
        clocks.clock_id,
        changes.changed_at as boundary_at,
        2 as boundary_rank,
        cast(0 as bigint) as boundary_order,
        'priority:' || changes.priority as cause,
        changes.priority,
        cast(null as boolean) as is_paused
    from clocks
    inner join retargeted_goals on clocks.goal_key = retargeted_goals.goal_key
    inner join {{ ref('int_priority_changes_newest') }} as changes
        on
            clocks.conversation_id = changes.conversation_id
            and clocks.started_at < changes.changed_at
            and (clocks.ended_at > changes.changed_at or (clocks.stopped_at is null and clocks.ended_at = changes.changed_at))

),

boundaries as (

    select * from starts
    union all
    select * from status_boundaries
    union all
    select * from priority_boundaries

),

with_state as (

    select
        boundaries.* exclude (is_paused),
        last_value(boundaries.is_paused ignore nulls) over running as is_paused,
        clocks.schedule_id,
        clocks.basis_schedule_id,
        clocks.stopped_at,
        row_number() over running as boundary_number,
        coalesce(lead(boundaries.boundary_at) over chronological, clocks.ended_at) as next_boundary_at,
        lead(boundaries.boundary_at) over chronological is null as is_last
    from boundaries
    inner join clocks on boundaries.clock_id = clocks.clock_id
    window
        chronological as (partition by boundaries.clock_id order by boundary_at, boundary_rank, boundary_order),
        running as (
            partition by boundaries.clock_id
            order by boundary_at, boundary_rank, boundary_order
            rows between unbounded preceding and current row
        )

),

positioned as (

    select
        with_state.*,
        {{ clock_position('here', 'with_state.schedule_id', 'with_state.boundary_at') }} as business_position,
        {{ clock_position('next', 'with_state.schedule_id', 'with_state.next_boundary_at') }} as next_business_position
    from with_state
    {{ join_open_stretch('here', 'with_state.schedule_id', 'with_state.boundary_at') }}
    {{ join_open_stretch('next', 'with_state.schedule_id', 'with_state.next_boundary_at') }}

),

measured as (

    select
        *,
        {{ seconds_between('boundary_at', 'next_boundary_at') }} as calendar_seconds,
        next_business_position - business_position as business_seconds,
        case
            when basis_schedule_id is null then {{ epoch_seconds('boundary_at') }}
            else business_position
        end as basis_position,
        case
            when is_paused then 0
            when basis_schedule_id is null then {{ seconds_between('boundary_at', 'next_boundary_at') }}
            else next_business_position - business_position
        end as running_seconds
    from positioned

),

final as (

    select
        *,
        coalesce(sum(running_seconds) over (
            partition by clock_id
            order by boundary_number
            rows between unbounded preceding and 1 preceding
        ), 0) as running_seconds_before
    from measured

)

select * from final
