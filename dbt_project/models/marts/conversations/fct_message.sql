{{ config(materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail') }}
select
    messages.source || ':' || messages.account || ':' || messages.source_message_id as message_id,
    messages.source,
    messages.account,
    conversations.channel_id,
    messages.conversation_key,
    conversations.conversation_id,
    conversations.source_conversation_id,
    messages.source_message_id,
    conversations.customer_key,
    coalesce(messages.other_author_key, case when messages.direction = 'inbound' then conversations.customer_key end)
        as author_key,
    messages.author_role,
    messages.direction,
    messages.kind,
    messages.intent,
    messages.author_role in ('bot', 'auto_reply') as author_is_bot,
    messages.is_public,
    messages.is_delivered,
    messages.source || ':' || messages.account || ':' || messages.in_reply_to_source_message_id as in_reply_to_message_id,
    messages.published_at,
    messages.received_at,
    {{ seconds_between('messages.published_at', 'messages.received_at') }} as receipt_delay_seconds,
    messages.deleted_at,
    messages.excluded_reason,
    messages.source || ':' || messages.account || ':' || messages.source_team_id as team_id
from {{ ref('int_messages') }} as messages
inner join {{ ref('int_conversations') }} as conversations on messages.conversation_key = conversations.conversation_key
where {{ is_touched('messages.conversation_key') }}
