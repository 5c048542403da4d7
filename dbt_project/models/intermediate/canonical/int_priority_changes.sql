-- Canonical priorities: real changes only (one taken away keeps the old, D19), with until when each stood. Of several in one
-- second only the last stands for any time (D14).
with

settings as (

    {{ canonical_union('priority_changes') }}

),

changes as (

    select
        conversation_key,
        source,
        changed_at,
        source_order,
        priority,
        lag(priority) over (partition by conversation_key order by changed_at, source_order) as from_priority
    from settings
    where priority is not null and {{ is_touched('conversation_key') }}

)

select
    conversation_key,
    source,
    changed_at,
    source_order,
    from_priority,
    priority,
    lead(changed_at) over (partition by conversation_key order by changed_at, source_order) as until_at
from changes
where from_priority is distinct from priority
