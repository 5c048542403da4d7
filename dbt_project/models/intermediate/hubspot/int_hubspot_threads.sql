-- Which conversation a thread belongs to: its ticket's, else it is one itself.
select
    {{ text_key("'hubspot:' || account || ':' || coalesce(ticket_id, 'thread-' || thread_id)") }} as conversation_key,
    account,
    thread_id,
    coalesce(ticket_id, 'thread-' || thread_id) as ticket_id,
    ticket_id is not null as has_ticket,
    way_in,
    contact_id,
    source_status,
    assigned_to,
    is_spam,
    created_at,
    changed_at
from {{ ref('stg_hubspot__threads') }}
where created_at <= {{ as_of() }}
