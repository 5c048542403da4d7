-- Merges of tickets: the child is closed by the merge, and the audit names the parent (D9).
select
    conversation_key,
    account,
    max_by(merge_ticket_id, source_order) as parent_ticket_id,
    {{ text_key("'zendesk:' || account || ':' || max_by(merge_ticket_id, source_order)") }} as parent_conversation_key,
    max(occurred_at) as merged_at,
    max(source_order) as merged_order
from {{ ref('stg_zendesk__ticket_field_changes') }}
where
    is_by_merge
    and field = 'status'
    and new_value = 'closed'
    and merge_ticket_id is not null
    and occurred_at <= {{ as_of() }}
group by conversation_key, account
