with

landed as (

    select * from {{ source('landing', 'bluesky__accounts') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as user_id,
    lower({{ json_text('payload', 'handle') }}) as handle,
    {{ json_text('payload', 'displayName') }} as display_name,
    record_updated_at
from landed
