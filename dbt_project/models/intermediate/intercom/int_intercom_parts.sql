-- Parts of conversations, and of customers' tickets. Their numbers may be the same: a ticket's are told by a prefix.
select
    {{ text_key("'intercom:' || account || ':' || parent_id") }} as conversation_key,
    account,
    parent_id as ticket_id,
    part_id as message_id,
    cast(part_id as bigint) as number,
    part_type,
    text_start,
    has_body,
    author_type,
    author_id,
    is_from_ai_agent,
    assigned_to_type,
    assigned_to_id,
    ticket_state,
    created_at
from {{ ref('stg_intercom__conversation_parts') }}
union all
select
    {{ text_key("'intercom:' || account || ':ticket-' || parent_id") }} as conversation_key,
    account,
    'ticket-' || parent_id as ticket_id,
    'ticket-' || part_id as message_id,
    cast(part_id as bigint) as number,
    part_type,
    text_start,
    has_body,
    author_type,
    author_id,
    is_from_ai_agent,
    assigned_to_type,
    assigned_to_id,
    ticket_state,
    created_at
from {{ ref('stg_intercom__ticket_parts') }}
