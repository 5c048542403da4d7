-- Canonical status history: every setting, also to the same status, with what it was before and until when it stood. Unmapped
-- ones stand in int_unmapped_statuses, where the gate stops them. Of several in one second only the last stands for any time
-- (D14).
with

changes as (

    {{ canonical_union('status_changes') }}

)

select
    conversation_key,
    source,
    changed_at,
    source_order,
    lag(status) over chronological as from_status,
    status,
    lead(changed_at) over chronological as until_at
from changes
where status is not null and {{ is_touched('conversation_key') }}
window chronological as (partition by conversation_key order by changed_at, source_order)
