with

landed as (

    select * from {{ source('landing', 'files__teams') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as team_id,
    {{ json_text('payload', 'name') }} as name,
    coalesce(cast({{ json_text('payload', 'is_deleted') }} as boolean), false) as is_deleted
from landed
