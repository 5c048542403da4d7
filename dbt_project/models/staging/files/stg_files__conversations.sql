with

landed as (

    select * from {{ source('landing', 'files__conversations') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'files:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as conversation_id,
    {{ json_text('payload', 'customer_id') }} as customer_id,
    {{ json_text('payload', 'channel') }} as channel,
    {{ json_text('payload', 'subject') }} as subject,
    {{ json_texts('payload', 'tags') }} as tags,
    coalesce(cast({{ json_text('payload', 'is_spam') }} as boolean), false) as is_spam,
    {{ json_text('payload', 'merged_into_conversation_id') }} as merged_into_conversation_id,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    {{ utc_from_iso(json_text('payload', 'merged_at')) }} as merged_at,
    {{ utc_from_iso(json_text('payload', 'deleted_at')) }} as deleted_at
from landed
