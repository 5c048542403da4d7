with

landed as (

    select * from {{ source('landing', 'intercom__teams') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as group_id,
    {{ json_text('payload', 'name') }} as name,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false) as is_deleted
from landed
