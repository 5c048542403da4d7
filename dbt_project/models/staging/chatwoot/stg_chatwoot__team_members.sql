with

landed as (

    select * from {{ source('landing', 'chatwoot__team_members') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    {{ json_text('payload', 'team_id') }} as team_id,
    {{ json_text('payload', 'id') }} as agent_id,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false) as is_deleted
from landed
