{{ config(
    materialized='incremental',
    incremental_strategy='replace_records',
    meta={
        'stream': 'zendesk__tickets',
        'record_column': 'ticket_id',
        'has_conversation_key': true,
        'not_compared': ['record_updated_at']
    }
) }}
with

landed as (

    {{ landed('zendesk__tickets') }}

)

select
    {{ text_key("'zendesk:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as ticket_id,
    {{ json_text('payload', 'via.channel') }} as via_channel,
    {{ json_text('payload', 'subject') }} as subject,
    {{ json_text('payload', 'priority') }} as priority,
    {{ json_text('payload', 'status') }} as source_status,
    {{ json_text('payload', 'requester_id') }} as requester_id,
    {{ json_text('payload', 'assignee_id') }} as assignee_id,
    {{ json_text('payload', 'group_id') }} as group_id,
    {{ json_texts('payload', 'tags') }} as tags,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    {{ utc_from_iso(json_text('payload', 'updated_at')) }} as updated_at,
    record_updated_at
from landed
