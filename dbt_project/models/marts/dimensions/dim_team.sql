select
    'zendesk:' || account || ':' || group_id as team_id,
    'zendesk' as source,
    account,
    group_id as source_team_id,
    name,
    is_deleted
from {{ ref('stg_zendesk__groups') }}
