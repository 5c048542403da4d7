-- Whoever has access to a group; somebody in several groups is in none in particular.
select
    account,
    user_id as agent_id,
    'agent' as role,
    case when count(distinct group_id) = 1 then min(group_id) end as only_group_id,
    false as is_deleted
from (
    select
        account,
        group_id,
        unnest(user_ids) as user_id
    from {{ ref('stg_zammad__groups') }}
    where not is_deleted
) as members
group by account, user_id
