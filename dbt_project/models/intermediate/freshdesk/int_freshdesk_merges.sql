-- Merges (D9): nothing in the records names the parent, only the note that a merge leaves in the ticket that it closes.
select
    conversation_key,
    min_by(merged_into_ticket_id, message_id) as parent_ticket_id,
    min(created_at) as merged_at
from {{ ref('stg_freshdesk__conversations') }}
where
    merged_into_ticket_id is not null
    and merged_into_ticket_id <> ticket_id
    and is_private
    and not is_incoming
    and created_at <= {{ as_of() }}
group by conversation_key
