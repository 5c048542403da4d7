-- Private messages of the account and modmail of the subreddits that it moderates, each with the customer of its conversation.
with

own_accounts as (

    select * from {{ ref('stg_reddit__accounts') }}

),

-- Those to or from a subreddit are modmail of old, which is in the new one too.
letters as (

    select *
    from (
        select * from {{ ref('stg_reddit__inbox_things') }}
        union all
        select * from {{ ref('stg_reddit__sent_messages') }}
    ) as streams
    where thing_kind = 't4' and subreddit is null and not coalesce(starts_with(recipient_id, '#'), false)
    qualify row_number() over (
        partition by account, thing_id
        order by extracted_at desc
    ) = 1

),

unified as (

    select
        letters.account,
        letters.thing_id as post_id,
        letters.thread_id,
        letters.author_id,
        case when letters.author_id = own.user_id then 'own' else 'customer' end as author_kind,
        letters.author_id = 'reddit' as author_is_bot,
        case when letters.author_id = own.user_id then letters.recipient_id else letters.author_id end as customer_id,
        letters.created_at,
        letters.body,
        'direct_message' as kind,
        'direct_message' as via
    from letters
    inner join own_accounts as own on letters.account = own.account

    union all

    select
        messages.account,
        messages.message_id as post_id,
        messages.conversation_id as thread_id,
        coalesce(messages.author_id, 'unknown:' || messages.message_id) as author_id,
        case
            when messages.is_by_moderator and messages.is_internal then 'internal'
            when messages.is_by_moderator then 'own'
            else 'customer'
        end as author_kind,
        coalesce(messages.author_id = 'automoderator', false) as author_is_bot,
        coalesce(conversations.participant_id, case when not messages.is_by_moderator then messages.author_id end) as customer_id,
        messages.created_at,
        messages.body,
        case when messages.is_by_moderator and messages.is_internal then 'note' else 'direct_message' end as kind,
        'modmail' as via
    from {{ ref('stg_reddit__modmail_messages') }} as messages
    inner join {{ ref('stg_reddit__modmail_conversations') }} as conversations
        on messages.account = conversations.account and messages.conversation_id = conversations.conversation_id
    -- Moderators among themselves.
    where not conversations.is_internal

),

with_keys as (

    select
        *,
        {{ pseudonym("'reddit:' || customer_id") }} as customer_key,
        {{ pseudonym("'reddit:' || author_id") }} as any_author_key
    from unified
    where created_at <= {{ as_of() }}

)

select
    account,
    post_id,
    thread_id,
    cast(null as bigint) as source_order,
    author_id,
    author_kind,
    author_is_bot,
    case when author_kind = 'customer' then any_author_key end as author_key,
    customer_key,
    cast(null as varchar) as excluded_reason,
    created_at,
    created_at as received_at,
    body,
    cast(null as varchar) as replied_to_post_id,
    kind,
    via,
    false as is_public,
    true as is_delivered,
    cast(null as timestamp) as deleted_at
from with_keys
