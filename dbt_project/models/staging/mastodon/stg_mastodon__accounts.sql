with

landed as (

    select * from {{ source('landing', 'mastodon__accounts') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as user_id,
    {{ json_text('payload', 'url') }} as url,
    {{ json_text('payload', 'username') }} as username,
    {{ json_text('payload', 'display_name') }} as display_name,
    record_updated_at
from landed
