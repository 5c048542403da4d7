-- Stretches in which one team holds an unsolved conversation (M17), from the first inbound message on: what departments owe each
-- other.
-- The state of a second is that after all its changes (D14); who of the team holds it changes nothing.
with

starts as (

    select
        first_inbound.way_number,
        first_inbound.conversation_key,
        first_inbound.started_epoch,
        first_inbound.source_message_id,
        first_inbound.is_moved,
        {{ epoch_seconds('conversations.merged_at') }} as merged_epoch
    from {{ ref('int_first_inbound') }} as first_inbound
    inner join {{ ref('int_conversations') }} as conversations
        on first_inbound.conversation_key = conversations.conversation_key
    where
        first_inbound.way_number in (
            select shapes.way_number
            from {{ ref('int_clock_shapes') }} as shapes
            where shapes.metric = 'ownership_time'
        )

),

assignments as (

    select
        starts.way_number,
        starts.conversation_key,
        {{ epoch_seconds('changes.changed_at') }} as changed_epoch,
        changes.source_order,
        changes.source_team_id,
        cast(null as varchar) as status,
        true as is_assignment
    from {{ ref('int_assignments') }} as changes
    inner join starts
        on
            changes.conversation_key = starts.conversation_key
            and (starts.merged_epoch is null or {{ epoch_seconds('changes.changed_at') }} < starts.merged_epoch)

),

statuses as (

    select
        starts.way_number,
        starts.conversation_key,
        {{ epoch_seconds('changes.changed_at') }} as changed_epoch,
        changes.source_order,
        cast(null as varchar) as source_team_id,
        changes.status,
        false as is_assignment
    from {{ ref('int_status_changes') }} as changes
    inner join starts
        on
            changes.conversation_key = starts.conversation_key
            and (starts.merged_epoch is null or {{ epoch_seconds('changes.changed_at') }} < starts.merged_epoch)

),

-- The last change of each second decides it.
seconds_changed as (

    select
        way_number,
        conversation_key,
        changed_epoch,
        bool_or(is_assignment) as has_assignment,
        max_by(coalesce(source_team_id, ''), source_order) filter (where is_assignment) as source_team_id,
        max_by(status, source_order) filter (where not is_assignment) as status
    from (
        select * from assignments
        union all
        select * from statuses
    ) as changes
    group by way_number, conversation_key, changed_epoch

),

states as (

    select
        way_number,
        conversation_key,
        changed_epoch,
        nullif(last_value(source_team_id ignore nulls) over chronological, '') as source_team_id,
        last_value(status ignore nulls) over chronological as status
    from seconds_changed
    window chronological as (
        partition by way_number, conversation_key
        order by changed_epoch
        rows between unbounded preceding and current row
    )

),

-- The state at the start, then every later change.
from_start as (

    select
        starts.way_number,
        starts.conversation_key,
        starts.started_epoch,
        greatest(states.changed_epoch, starts.started_epoch) as changed_epoch,
        states.source_team_id,
        states.status,
        starts.source_message_id,
        starts.is_moved
    from starts
    inner join states
        on starts.way_number = states.way_number and starts.conversation_key = states.conversation_key
    qualify row_number() over (
        partition by starts.way_number, starts.conversation_key, greatest(states.changed_epoch, starts.started_epoch)
        order by states.changed_epoch desc
    ) = 1

),

held as (

    select
        *,
        coalesce(status, 'new') in ('solved', 'closed') as is_solved,
        case when coalesce(status, 'new') not in ('solved', 'closed') then source_team_id end as holding_team_id,
        case when status = 'closed' then {{ code('stop_reason', 'closed') }} else {{ code('stop_reason', 'solved') }} end
            as solved_reason
    from from_start

),

with_previous as (

    select
        *,
        lag(holding_team_id) over chronological as previous_holding_team_id,
        lag(source_team_id) over chronological as previous_team_id
    from held
    window chronological as (partition by way_number, conversation_key order by changed_epoch)

),

changes as (

    select *
    from with_previous
    where holding_team_id is distinct from previous_holding_team_id

),

stretches as (

    select
        *,
        lead(changed_epoch) over chronological as stopped_epoch,
        lead(is_solved) over chronological as next_is_solved,
        lead(solved_reason) over chronological as next_solved_reason,
        lead(source_team_id) over chronological as next_team_id
    from changes
    window chronological as (partition by way_number, conversation_key order by changed_epoch)

)

select
    way_number,
    conversation_key,
    row_number() over (partition by way_number, conversation_key order by changed_epoch) as cycle_number,
    changed_epoch as started_epoch,
    case when changed_epoch = started_epoch then source_message_id end as source_message_id,
    case
        when changed_epoch = started_epoch and is_moved then {{ code('started_by', 'moved_by_merge') }}
        when changed_epoch = started_epoch then {{ code('started_by', 'first_inbound') }}
        when (source_team_id is distinct from previous_team_id) then {{ code('started_by', 'assigned') }}
        else {{ code('started_by', 'reopened') }}
    end as started_by,
    stopped_epoch,
    case
        when stopped_epoch is null then null
        when next_is_solved then next_solved_reason
        when next_team_id is null then {{ code('stop_reason', 'unassigned') }}
        else {{ code('stop_reason', 'handed_over') }}
    end as stop_reason,
    holding_team_id as source_team_id
from stretches
where holding_team_id is not null
