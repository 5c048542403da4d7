select
    conversation_key,
    'zammad' as source,
    occurred_at as changed_at,
    source_order,
    new_value as priority
from {{ ref('int_zammad_changes') }}
where field = 'priority'
