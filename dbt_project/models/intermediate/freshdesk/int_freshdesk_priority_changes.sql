select
    conversation_key,
    'freshdesk' as source,
    occurred_at as changed_at,
    source_order,
    new_value as priority
from {{ ref('int_freshdesk_changes') }}
where field = 'priority'
