select
    conversation_key,
    'hubspot' as source,
    occurred_at as changed_at,
    source_order,
    new_value as priority
from {{ ref('int_hubspot_changes') }}
where field = 'priority'
