select
    conversation_key,
    'files' as source,
    occurred_at as changed_at,
    source_order,
    team_id as source_team_id,
    person_id as source_team_member_id
from {{ ref('int_files_changes') }}
where field = 'assignment'
