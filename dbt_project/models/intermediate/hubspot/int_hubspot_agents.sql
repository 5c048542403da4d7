-- Threads name users, tickets name owners. Somebody who left and came back is two owners of one user: the present one counts.
select
    account,
    user_id,
    agent_id,
    only_group_id
from {{ ref('stg_hubspot__owners') }}
where user_id is not null
qualify row_number() over (partition by account, user_id order by is_deleted, cast(agent_id as bigint) desc) = 1
