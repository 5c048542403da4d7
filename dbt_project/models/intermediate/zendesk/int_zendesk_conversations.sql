select
    conversation_id,
    'zendesk' as source,
    account,
    channel_id,
    ticket_id as source_conversation_id,
    customer_key,
    created_at,
    true as has_status,
    merged_into_conversation_id,
    merged_at,
    deleted_at,
    excluded_reason,
    excluded_evidence
from {{ ref('int_zendesk_tickets') }}
where channel_id is not null
