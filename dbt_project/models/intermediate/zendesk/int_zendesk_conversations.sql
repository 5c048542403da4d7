select
    conversation_key,
    'zendesk:' || account || ':' || ticket_id as conversation_id,
    'zendesk' as source,
    account,
    channel_id,
    ticket_id as source_conversation_id,
    customer_key,
    created_at,
    true as has_status,
    'zendesk:' || account || ':' || parent_ticket_id as merged_into_conversation_id,
    parent_conversation_key as merged_into_conversation_key,
    merged_at,
    deleted_at,
    excluded_reason,
    excluded_evidence
from {{ ref('int_zendesk_tickets') }}
where channel_id is not null
