with

landed as (

    select * from {{ source('landing', 'chatwoot__agents') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as agent_id,
    {{ json_text('payload', 'role') }} as role,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false) as is_deleted
from landed
