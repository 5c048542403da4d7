with

landed as (

    select * from {{ source('landing', 'hubspot__owners') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as agent_id,
    coalesce({{ json_text('payload', 'userIdIncludingInactive') }}, {{ json_text('payload', 'userId') }}) as user_id,
    lower(coalesce({{ json_text('payload', 'type') }}, 'person')) as role,
    -- The main team, where somebody has one.
    {{ json_first_where('payload', 'teams', 'primary', 'true', 'id') }} as only_group_id,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false)
    or coalesce(cast({{ json_text('payload', 'archived') }} as boolean), false) as is_deleted
from landed
