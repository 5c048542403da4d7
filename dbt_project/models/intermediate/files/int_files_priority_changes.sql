select
    conversation_key,
    'files' as source,
    occurred_at as changed_at,
    source_order,
    new_value as priority
from {{ ref('int_files_changes') }}
where field = 'priority'
