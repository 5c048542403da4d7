with

landed as (

    select * from {{ source('landing', 'reddit__accounts') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as user_number,
    lower({{ json_text('payload', 'name') }}) as user_id,
    record_updated_at
from landed
