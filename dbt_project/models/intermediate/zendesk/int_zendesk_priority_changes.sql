select
    conversation_key,
    'zendesk' as source,
    occurred_at as changed_at,
    source_order,
    new_value as priority
from {{ ref('stg_zendesk__ticket_field_changes') }}
where
    field = 'priority'
    and occurred_at <= {{ as_of() }}
    and {{ is_touched('conversation_key') }}
