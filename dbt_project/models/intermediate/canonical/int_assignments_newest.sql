-- The last of the changes that fall on one second: what an instant's look-up finds (D14).
select
    conversation_id,
    changed_at,
    team_id,
    team_member_id
from {{ ref('int_assignments') }}
qualify row_number() over (partition by conversation_id, changed_at order by source_order desc nulls last) = 1
