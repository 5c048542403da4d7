-- Somebody in several teams is in none in particular.
with

teams as (

    select
        account,
        agent_id,
        case when count(*) = 1 then min(team_id) end as only_group_id
    from {{ ref('stg_chatwoot__team_members') }}
    where not is_deleted
    group by account, agent_id

)

select
    agents.account,
    agents.agent_id,
    agents.role,
    teams.only_group_id,
    agents.is_deleted
from {{ ref('stg_chatwoot__agents') }} as agents
left join teams on agents.account = teams.account and agents.agent_id = teams.agent_id
