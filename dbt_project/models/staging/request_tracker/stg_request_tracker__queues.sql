with

landed as (

    select * from {{ source('landing', 'request_tracker__queues') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as queue_id,
    {{ json_text('payload', 'Name') }} as name,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false)
    or coalesce({{ json_text('payload', 'Disabled') }} <> '0', false) as is_deleted
from landed
