-- Somebody in several teams is in none in particular.
with

teams as (

    select
        account,
        person_id,
        case when count(*) = 1 then min(team_id) end as only_group_id
    from {{ ref('stg_files__team_members') }}
    where not is_deleted
    group by account, person_id

)

select
    people.account,
    people.person_id as agent_id,
    people.role,
    teams.only_group_id,
    people.is_deleted
from {{ ref('stg_files__people') }} as people
left join teams on people.account = teams.account and people.person_id = teams.person_id
