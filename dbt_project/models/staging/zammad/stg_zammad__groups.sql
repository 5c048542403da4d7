with

landed as (

    select * from {{ source('landing', 'zammad__groups') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as group_id,
    {{ json_text('payload', 'name') }} as name,
    {{ json_texts('payload', 'user_ids') }} as user_ids,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false) as is_deleted
from landed
