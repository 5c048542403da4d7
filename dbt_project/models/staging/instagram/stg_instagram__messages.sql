with

-- Of older messages the API gives no more than an id and a time, also where it gave more before.
landed as (

    select * from {{ source('landing', 'instagram__messages') }}
    where {{ json_text('payload', 'from.id') }} is not null
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as message_id,
    {{ json_text('payload', 'conversation_id') }} as conversation_id,
    {{ json_text('payload', 'from.id') }} as author_id,
    lower({{ json_text('payload', 'from.username') }}) as author_username,
    {{ json_text('payload', 'to.data[0].id') }} as recipient_id,
    {{ utc_from_iso(json_text('payload', 'created_time')) }} as created_at,
    {{ json_text('payload', 'message') }} as body,
    record_updated_at,
    extracted_at
from landed
