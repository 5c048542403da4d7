-- No names: people are measured one by one only where the agreement says so (P4).
select
    'zendesk:' || account || ':' || user_id as team_member_id,
    'zendesk' as source,
    account,
    case when default_group_id is not null then 'zendesk:' || account || ':' || default_group_id end as team_id,
    role
from {{ ref('stg_zendesk__users') }}
where is_newest and role in ('agent', 'admin')
