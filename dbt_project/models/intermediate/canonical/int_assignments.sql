select
    conversation_id,
    source,
    changed_at,
    source_order,
    team_id,
    team_member_id
from {{ ref('int_zendesk_assignments') }}
