-- Canonical assignments with until when each stood. Of several in one second only the last stands for any time (D14).
with

changes as (

    {{ canonical_union('assignments') }}

)

select
    conversation_key,
    source,
    changed_at,
    source_order,
    source_team_id,
    source_team_member_id,
    lead(changed_at) over (partition by conversation_key order by changed_at, source_order) as until_at
from changes
where {{ is_touched('conversation_key') }}
