{{ config(materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail') }}
-- What became of each message of a customer (M13), for each sort of answer that counts (R1, R2): the first response after it,
-- unless it was deleted before (D16). A closing ends it too, but for messages before the first response, which it does not stop
-- (D15).
-- A message that a merge carries to its parent is a message there (D9).
-- This stays from build to build, as the facts do: what is made of it needs every conversation, not only those of a day.
with

-- Of the ways that count a sort of answer, one: the published one where there is one.
ways as (

    select
        responder,
        min(way_number) as way_number
    from {{ ref('int_clock_ways') }}
    group by responder

),

events as (

    select
        ways.responder,
        timeline.conversation_key,
        timeline.event_number,
        timeline.event,
        timeline.reference,
        timeline.start_epoch,
        timeline.deleted_epoch,
        count(case when timeline.event = {{ code('event', 'response') }} then 1 end) over (
            chronological rows between unbounded preceding and 1 preceding
        ) as responses_before,
        min(case when timeline.event = {{ code('event', 'response') }} then timeline.event_number end) over (
            chronological rows between 1 following and unbounded following
        ) as response_number,
        min(case when timeline.event = {{ code('event', 'response') }} then timeline.event_epoch end) over (
            chronological rows between 1 following and unbounded following
        ) as answered_epoch,
        min(case when timeline.event = {{ code('event', 'closing') }} then timeline.event_number end) over (
            chronological rows between 1 following and unbounded following
        ) as closing_number,
        min(case when timeline.event = {{ code('event', 'closing') }} then timeline.event_epoch end) over (
            chronological rows between 1 following and unbounded following
        ) as closed_epoch
    from {{ ref('int_clock_timeline') }} as timeline
    inner join ways on timeline.way_number = ways.way_number
    -- What the company wrote before the customer did answers nothing (M1).
    where timeline.inbound_so_far > 0
    window chronological as (
        partition by timeline.way_number, timeline.conversation_key
        order by timeline.event_number
    )

),

conversations as (

    select
        conversation_key,
        channel_id,
        merged_at is not null as is_merged
    from {{ ref('int_conversations') }}
    where excluded_reason is null and {{ is_touched('conversation_key') }}

),

inbound as (

    select
        events.responder,
        events.conversation_key,
        events.event_number,
        conversations.channel_id,
        events.reference as source_message_id,
        events.start_epoch as written_epoch,
        events.deleted_epoch,
        events.responses_before > 0
        and events.closing_number < coalesce(events.response_number, events.closing_number + 1) as is_closed_first,
        events.answered_epoch,
        events.closed_epoch,
        conversations.is_merged
    from events
    inner join conversations on events.conversation_key = conversations.conversation_key
    where events.event = {{ code('event', 'inbound') }}

),

ended as (

    select
        *,
        -- A response that two systems' clocks put before it answers it at once (D14).
        case
            when is_closed_first then greatest(closed_epoch, written_epoch)
            when answered_epoch is not null then greatest(answered_epoch, written_epoch)
        end as stopped_epoch
    from inbound
    where not is_merged or is_closed_first or answered_epoch is not null

)

select
    responder,
    conversation_key,
    event_number,
    channel_id,
    source_message_id,
    written_epoch,
    least(stopped_epoch, deleted_epoch) as ended_epoch,
    -- The first response after it, whatever was closed or deleted before (M7).
    case when answered_epoch is not null then greatest(answered_epoch, written_epoch) end as answered_epoch,
    case
        when deleted_epoch < coalesce(stopped_epoch, {{ forever() }}) then 'deleted'
        when is_closed_first then 'closed'
        when answered_epoch is not null then 'answered'
    end as ended_by
from ended
