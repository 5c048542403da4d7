-- The last of the changes that fall on one second: what an instant's look-up finds (D14).
select
    conversation_id,
    changed_at,
    priority
from {{ ref('int_priority_changes') }}
qualify row_number() over (partition by conversation_id, changed_at order by source_order desc nulls last) = 1
