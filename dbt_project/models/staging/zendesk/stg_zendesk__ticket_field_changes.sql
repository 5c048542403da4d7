-- A field that is set when a ticket is created or changed later. What it was before follows from the order of events, not from
-- the vendor's word. Order inside one audit: after its comments (D14).
{{ config(
    materialized='incremental',
    incremental_strategy='replace_records',
    meta={'stream': 'zendesk__ticket_events', 'record_column': 'event_id', 'has_conversation_key': true}
) }}
with

landed as (

    {{ landed('zendesk__ticket_events') }}

),

events as (

    select
        account,
        record_id as event_id,
        cast(record_id as bigint) as event_order,
        {{ json_text('payload', 'ticket_id') }} as ticket_id,
        {{ json_text('payload', 'updater_id') }} as updater_id,
        {{ utc_from_epoch(json_text('payload', 'timestamp')) }} as occurred_at,
        {{ json_value('payload', 'child_events') }} as child_events
    from landed

),

children as (

    select
        {{ text_key("'zendesk:' || events.account || ':' || events.ticket_id") }} as conversation_key,
        events.account,
        events.ticket_id,
        events.event_id,
        events.updater_id,
        events.occurred_at,
        events.event_order * 1000 + 500
        + least(children.element_number, 499) as source_order,
        children.element as child,
        {{ zendesk_is_by_merge('children.element') }} as is_by_merge,
        {{ zendesk_merge_ticket('children.element') }} as merge_ticket_id
    from events
    cross join {{ json_elements('events.child_events', 'children') }}
    where {{ json_text('children.element', 'event_type') }} in ('Create', 'Change')

),

fields as (

    select
        children.*,
        keys.element as field
    from children
    cross join {{ json_keys_of('children.child', zendesk_history_fields(), 'keys') }}

)

select
    conversation_key,
    account,
    ticket_id,
    event_id,
    updater_id,
    field,
    {{ json_text_under('child', 'field') }} as new_value,
    occurred_at,
    source_order,
    is_by_merge,
    merge_ticket_id
from fields
