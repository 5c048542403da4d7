with

landed as (

    select * from {{ source('landing', 'files__messages') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'files:' || account || ':' || " ~ json_text('payload', 'conversation_id')) }} as conversation_key,
    account,
    {{ json_text('payload', 'conversation_id') }} as conversation_id,
    record_id as message_id,
    {{ json_text('payload', 'author_type') }} as author_type,
    {{ json_text('payload', 'author_id') }} as author_id,
    {{ json_text('payload', 'team_id') }} as team_id,
    coalesce(cast({{ json_text('payload', 'is_internal') }} as boolean), false) as is_internal,
    coalesce(cast({{ json_text('payload', 'is_delivered') }} as boolean), true) as is_delivered,
    {{ json_text('payload', 'kind') }} as kind,
    {{ json_text('payload', 'in_reply_to_message_id') }} as in_reply_to_message_id,
    left(lower(trim(coalesce({{ json_text('payload', 'text') }}, ''))), 200) as text_start,
    cast({{ json_text('payload', 'sequence') }} as bigint) as sequence,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    {{ epoch_ms_from_iso(json_text('payload', 'created_at')) }} as milliseconds,
    {{ utc_from_iso(json_text('payload', 'received_at')) }} as received_at,
    {{ utc_from_iso(json_text('payload', 'deleted_at')) }} as deleted_at
from landed
