select
    conversation_key,
    'chatwoot' as source,
    occurred_at as changed_at,
    source_order,
    new_value as priority
from {{ ref('int_chatwoot_changes') }}
where field = 'priority'
