with

landed as (

    select * from {{ source('landing', 'instagram__accounts') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as user_id,
    lower({{ json_text('payload', 'username') }}) as username,
    {{ json_text('payload', 'name') }} as display_name,
    record_updated_at
from landed
