-- What can start or stop a clock, per way of counting: who may respond (R1, R2) and which of the customer's two times counts
-- (D10). In one second (D14): phase 0 = messages, 1 = changes of status, 2 = merges; anchor = the message itself, or the one that
-- a put-back response stands behind; own_order = where it stood. reference = the message's id in its source, or the status.
-- Events are codes of macros/clock_codes.sql, instants seconds since 1970.
{%- set is_put_back -%}
    (
        answered.event_epoch > messages.event_epoch
        or (answered.event_epoch = messages.event_epoch and answered.source_order > messages.source_order)
    )
{%- endset %}
with

ways as (

    select * from {{ ref('int_clock_ways') }}

),

messages as (

    select
        conversation_key,
        source_message_id,
        in_reply_to_source_message_id,
        source_order,
        is_eligible_inbound,
        is_human_response,
        is_any_response,
        {{ epoch_seconds('published_at') }} as event_epoch,
        {{ epoch_seconds('received_at') }} as received_epoch,
        {{ epoch_seconds('deleted_at') }} as deleted_epoch
    from {{ ref('int_messages') }}
    where (is_eligible_inbound or is_any_response) and {{ is_touched('conversation_key') }}

),

-- The few conversations that were merged away: from its merge on a child has no life of its own (D9).
merged as (

    select
        conversation_key,
        {{ epoch_seconds('merged_at') }} as merged_epoch
    from {{ ref('int_conversations') }}
    where merged_at is not null and {{ is_touched('conversation_key') }}

),

inbound as (

    select
        ways.way_number,
        messages.conversation_key,
        messages.event_epoch,
        messages.source_order,
        messages.source_order as own_order,
        0 as phase,
        messages.source_message_id as anchor_message_id,
        messages.event_epoch as written_epoch,
        {{ code('event', 'inbound') }} as event,
        messages.source_message_id as reference,
        case ways.start_basis when 'published' then messages.event_epoch else messages.received_epoch end as start_epoch,
        false as is_moved,
        false as is_clock_skewed,
        messages.deleted_epoch
    from messages
    cross join ways
    left join merged on messages.conversation_key = merged.conversation_key
    where
        messages.is_eligible_inbound
        and (merged.merged_epoch is null or messages.event_epoch <= merged.merged_epoch)

),

-- A response that names the message it answers, and by the clock came before it, is put at that message's instant (D14).
put_back as (

    select
        messages.conversation_key,
        messages.source_message_id,
        answered.event_epoch as answered_epoch,
        answered.source_order as answered_order,
        answered.source_message_id as answered_message_id
    from messages
    inner join messages as answered
        on
            messages.conversation_key = answered.conversation_key
            and messages.in_reply_to_source_message_id = answered.source_message_id
    left join merged on answered.conversation_key = merged.conversation_key
    where
        messages.is_any_response
        and messages.in_reply_to_source_message_id is not null
        and answered.is_eligible_inbound
        and (merged.merged_epoch is null or answered.event_epoch <= merged.merged_epoch)
        and {{ is_put_back }}

),

responses as (

    select
        ways.way_number,
        messages.conversation_key,
        coalesce(put_back.answered_epoch, messages.event_epoch) as event_epoch,
        case when put_back.answered_epoch is not null then put_back.answered_order else messages.source_order end as source_order,
        messages.source_order as own_order,
        0 as phase,
        put_back.answered_message_id as anchor_message_id,
        messages.event_epoch as written_epoch,
        {{ code('event', 'response') }} as event,
        messages.source_message_id as reference,
        cast(null as bigint) as start_epoch,
        false as is_moved,
        coalesce(put_back.answered_epoch > messages.event_epoch, false) as is_clock_skewed,
        cast(null as bigint) as deleted_epoch
    from messages
    cross join ways
    left join put_back
        on messages.conversation_key = put_back.conversation_key and messages.source_message_id = put_back.source_message_id
    left join merged on messages.conversation_key = merged.conversation_key
    where
        (messages.is_human_response or (messages.is_any_response and ways.responder = 'any'))
        and (
            merged.merged_epoch is null
            or coalesce(put_back.answered_epoch, messages.event_epoch) <= merged.merged_epoch
        )

),

-- Closing is a change from an unsolved status to solved or closed (D15), reopening the way back; a merge's are neither (D9).
status_changes as (

    select
        ways.way_number,
        changes.conversation_key,
        {{ epoch_seconds('changes.changed_at') }} as event_epoch,
        changes.source_order,
        changes.source_order as own_order,
        1 as phase,
        cast(null as varchar) as anchor_message_id,
        {{ epoch_seconds('changes.changed_at') }} as written_epoch,
        case
            when changes.status in ('solved', 'closed') then {{ code('event', 'closing') }}
            else {{ code('event', 'reopening') }}
        end as event,
        changes.status as reference,
        cast(null as bigint) as start_epoch,
        false as is_moved,
        false as is_clock_skewed,
        cast(null as bigint) as deleted_epoch
    from {{ ref('int_status_changes') }} as changes
    cross join ways
    left join merged on changes.conversation_key = merged.conversation_key
    where
        (changes.status in ('solved', 'closed')) <> (coalesce(changes.from_status, 'new') in ('solved', 'closed'))
        and (merged.merged_epoch is null or {{ epoch_seconds('changes.changed_at') }} < merged.merged_epoch)
        and {{ is_touched('changes.conversation_key') }}

)

select * from inbound
union all
select * from responses
union all
select * from status_changes
