with

changes as (

    {{ zendesk_field_changes('priority') }}

)

select
    conversation_id,
    'zendesk' as source,
    changed_at,
    source_order,
    new_value as priority
from changes
