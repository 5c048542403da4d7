-- value_seconds and value_business_seconds of first_response and reply_time are Chatwoot's own figures, for comparison.
with

landed as (

    select * from {{ source('landing', 'chatwoot__reporting_events') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'chatwoot:' || account || ':' || " ~ json_text('payload', 'of_conversation_id')) }} as conversation_key,
    account,
    {{ json_text('payload', 'of_conversation_id') }} as conversation_number,
    record_id as event_id,
    {{ json_text('payload', 'name') }} as name,
    cast({{ json_text('payload', 'value') }} as double) as value_seconds,
    cast({{ json_text('payload', 'value_in_business_hours') }} as double) as value_business_seconds,
    {{ utc_from_iso(json_text('payload', 'event_end_time')) }} as ended_at
from landed
