select
    conversation_key,
    'intercom' as source,
    occurred_at as changed_at,
    source_order,
    new_value as priority
from {{ ref('int_intercom_changes') }}
where field = 'priority'
