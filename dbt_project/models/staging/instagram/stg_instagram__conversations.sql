with

landed as (

    select * from {{ source('landing', 'instagram__conversations') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as conversation_id,
    {{ utc_from_iso(json_text('payload', 'updated_time')) }} as updated_at,
    cast({{ json_text('payload', 'message_count') }} as integer) as message_count,
    cast({{ json_text('payload', 'unread_count') }} as integer) as unread_count,
    record_updated_at
from landed
