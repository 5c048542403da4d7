-- A deleted message keeps its place and loses its text; nothing says when. It is taken for deleted since it was first seen so.
with

versions as (

    select
        *,
        {{ json_text('payload', 'content_attributes.deleted') }} = 'true' as is_deleted
    from {{ source('landing', 'chatwoot__messages') }}

),

landed as (

    select
        *,
        min(case when is_deleted then extracted_at end) over (partition by account, record_id) as deleted_seen_at
    from versions
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'chatwoot:' || account || ':' || " ~ json_text('payload', 'conversation_id')) }} as conversation_key,
    account,
    record_id as message_id,
    {{ json_text('payload', 'message_type') }} as message_type,
    {{ json_text('payload', 'content_type') }} as content_type,
    coalesce(cast({{ json_text('payload', 'private') }} as boolean), false) as is_private,
    coalesce({{ json_text('payload', 'status') }}, '') <> 'failed' as is_delivered,
    {{ json_text('payload', 'sender.id') }} as sender_id,
    coalesce({{ json_text('payload', 'sender.type') }}, lower({{ json_text('payload', 'sender_type') }})) as sender_type,
    coalesce(cast({{ json_text('payload', 'content_attributes.external_echo') }} as boolean), false) as is_written_elsewhere,
    {{ json_text('payload', 'content_attributes.automation_rule_id') }} is not null
    or {{ json_text('payload', 'additional_attributes.campaign_id') }} is not null as is_by_rule,
    {{ json_text('payload', 'content_attributes.in_reply_to') }} as in_reply_to_message_id,
    left(lower(trim(coalesce({{ json_text('payload', 'content') }}, ''))), 200) as text_start,
    {{ utc_from_epoch(json_text('payload', 'created_at')) }} as created_at,
    case when is_deleted then cast(date_trunc('second', deleted_seen_at) as timestamp) end as deleted_at
from landed
