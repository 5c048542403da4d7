with

landed as (

    select * from {{ source('landing', 'facebook__accounts') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as user_id,
    {{ json_text('payload', 'username') }} as username,
    {{ json_text('payload', 'name') }} as display_name,
    record_updated_at
from landed
