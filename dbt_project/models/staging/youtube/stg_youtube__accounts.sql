with

landed as (

    select * from {{ source('landing', 'youtube__accounts') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as user_id,
    lower({{ json_text('payload', 'snippet.customUrl') }}) as handle,
    {{ json_text('payload', 'snippet.title') }} as display_name,
    record_updated_at
from landed
