-- Solvings and reopenings after the first inbound message (M3): one row a cycle, and what the whole conversation needs.
-- Only a status reopens, not a message; closed without solved counts as solved; a merge is no resolution (D9).
-- measure: 'first' and 'full' are one row a conversation, 'cycle' one for each.
with

ways as (

    select distinct way_number
    from {{ ref('int_clock_shapes') }}
    where
        metric in ('first_resolution', 'full_resolution', 'resolution_cycle', 'requester_wait', 'agent_work')

),

starts as (

    select first_inbound.*
    from {{ ref('int_first_inbound') }} as first_inbound
    inner join ways on first_inbound.way_number = ways.way_number

),

changes as (

    select
        timeline.way_number,
        timeline.conversation_key,
        timeline.event_number,
        timeline.event_epoch,
        timeline.event,
        case timeline.reference
            when 'closed' then {{ code('stop_reason', 'closed') }}
            else {{ code('stop_reason', 'solved') }}
        end as stop_reason
    from {{ ref('int_clock_timeline') }} as timeline
    inner join ways on timeline.way_number = ways.way_number
    where
        timeline.event in ({{ code('event', 'closing') }}, {{ code('event', 'reopening') }})
        and timeline.inbound_so_far > 0

),

summary as (

    select
        way_number,
        conversation_key,
        min(case when event = {{ code('event', 'closing') }} then event_epoch end) as first_solved_epoch,
        min_by(stop_reason, event_number) filter (where event = {{ code('event', 'closing') }}) as first_stop_reason,
        max(case when event = {{ code('event', 'closing') }} then event_epoch end) as last_solved_epoch,
        max_by(stop_reason, event_number) filter (where event = {{ code('event', 'closing') }}) as last_stop_reason,
        max_by(event, event_number) = {{ code('event', 'closing') }} as is_solved,
        min(case when event = {{ code('event', 'closing') }} then event_number end) as first_solved_number
    from changes
    group by way_number, conversation_key

),

first_and_full as (

    select
        starts.way_number,
        starts.conversation_key,
        starts.started_epoch,
        starts.source_message_id,
        starts.is_moved,
        summary.first_solved_epoch,
        summary.first_stop_reason,
        case when summary.is_solved then summary.last_solved_epoch end as full_solved_epoch,
        case when summary.is_solved then summary.last_stop_reason end as full_stop_reason
    from starts
    left join summary on starts.way_number = summary.way_number and starts.conversation_key = summary.conversation_key

),

-- A reopening starts a cycle only where the conversation had been solved since the first message.
reopenings as (

    select
        changes.way_number,
        changes.conversation_key,
        changes.event_number,
        changes.event_epoch,
        changes.event,
        lead(changes.event_epoch) over chronological as next_epoch,
        lead(changes.stop_reason) over chronological as next_stop_reason
    from changes
    inner join summary
        on
            changes.way_number = summary.way_number
            and changes.conversation_key = summary.conversation_key
            and changes.event_number > summary.first_solved_number
    window chronological as (
        partition by changes.way_number, changes.conversation_key
        order by changes.event_number
    )

),

unioned as (

    select
        way_number,
        conversation_key,
        'first' as measure,
        1 as cycle_number,
        started_epoch,
        source_message_id,
        case when is_moved then {{ code('started_by', 'moved_by_merge') }} else {{ code('started_by', 'first_inbound') }} end
            as started_by,
        first_solved_epoch as ended_epoch,
        first_stop_reason as stop_reason,
        first_solved_epoch
    from first_and_full
    union all
    select
        way_number,
        conversation_key,
        'full' as measure,
        1 as cycle_number,
        started_epoch,
        source_message_id,
        case when is_moved then {{ code('started_by', 'moved_by_merge') }} else {{ code('started_by', 'first_inbound') }} end
            as started_by,
        full_solved_epoch as ended_epoch,
        full_stop_reason as stop_reason,
        first_solved_epoch
    from first_and_full
    union all
    select
        way_number,
        conversation_key,
        'cycle' as measure,
        1 + row_number() over (partition by way_number, conversation_key order by event_number) as cycle_number,
        event_epoch as started_epoch,
        cast(null as varchar) as source_message_id,
        {{ code('started_by', 'reopened') }} as started_by,
        next_epoch as ended_epoch,
        next_stop_reason as stop_reason,
        cast(null as bigint) as first_solved_epoch
    from reopenings
    where event = {{ code('event', 'reopening') }}

)

-- Solved before the company's system had the message: the stop is put at the start, and marked (D14).
select
    way_number,
    conversation_key,
    measure,
    cycle_number,
    started_epoch,
    source_message_id,
    started_by,
    case when ended_epoch is not null then greatest(ended_epoch, started_epoch) end as stopped_epoch,
    stop_reason,
    coalesce(ended_epoch < started_epoch, false) as is_clock_skewed,
    ended_epoch,
    first_solved_epoch
from unioned
