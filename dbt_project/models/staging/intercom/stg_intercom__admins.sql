with

landed as (

    select * from {{ source('landing', 'intercom__admins') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as agent_id,
    'admin' as role,
    -- Somebody in several teams is in none in particular.
    {{ only_element(json_texts('payload', 'team_ids')) }} as only_group_id,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false) as is_deleted
from landed
