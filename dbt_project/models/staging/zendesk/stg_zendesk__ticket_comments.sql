-- Inside one audit everything happens at once; comments are ordered before changes, so that a reply that also solves is a reply
-- first (D14). text_start is what rules for automated messages compare, in lower case.
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
        events.event_order * 1000 + 0
        + least(children.element_number, 499) as source_order,
        children.element as child,
        {{ zendesk_is_by_merge('children.element') }} as is_by_merge,
        {{ zendesk_merge_ticket('children.element') }} as merge_ticket_id
    from events
    cross join {{ json_elements('events.child_events', 'children') }}
    where {{ json_text('children.element', 'event_type') }} = 'Comment'

)

select
    conversation_key,
    account,
    ticket_id,
    event_id,
    {{ json_text('child', 'id') }} as comment_id,
    coalesce({{ json_text('child', 'author_id') }}, updater_id) as author_id,
    coalesce(cast({{ json_text('child', 'public') }} as boolean), true) as is_public,
    coalesce({{ json_text('child', 'type') }}, 'Comment') as comment_type,
    left(lower(trim(coalesce({{ json_text('child', 'plain_body') }}, {{ json_text('child', 'body') }}, ''))), 200) as text_start,
    occurred_at,
    source_order,
    is_by_merge,
    merge_ticket_id
from children
