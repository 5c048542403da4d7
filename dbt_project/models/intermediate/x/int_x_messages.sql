with

tweets as (

    select
        *,
        lower(trim(regexp_replace(body, '^(\s*@\w+)+\s*', ''))) as plain_body
    from {{ ref('int_x_tweets_assigned') }}

),

channels as (

    select * from {{ ref('stg_config__channels') }}
    where source = 'x'

),

automated as (

    select
        tweets.account,
        tweets.tweet_id,
        min(coalesce(authors.reason, prefixes.reason)) as reason
    from tweets
    left join {{ ref('stg_config__automation_authors') }} as authors
        on authors.source = 'x' and tweets.account = authors.account and tweets.author_id = authors.author_ref
    left join {{ ref('stg_config__automation_text_prefixes') }} as prefixes
        on
            prefixes.source = 'x'
            and tweets.account = prefixes.account
            and starts_with(tweets.plain_body, lower(prefixes.text_prefix))
    where authors.reason is not null or prefixes.reason is not null
    group by tweets.account, tweets.tweet_id

),

final as (

    select
        'x:' || tweets.account || ':' || tweets.tweet_id as message_id,
        'x' as source,
        tweets.account,
        channels.channel_id,
        'x:' || tweets.account || ':' || tweets.thread_id
        || coalesce(':' || left(tweets.customer_key, 12), '') as conversation_id,
        tweets.thread_id as source_conversation_id,
        tweets.tweet_id as source_message_id,
        tweets.customer_key,
        tweets.author_key,
        case
            when tweets.author_kind = 'customer' and tweets.excluded_reason = 'other_customer' then 'other_customer'
            when tweets.author_kind = 'customer' and automated.reason is not null then 'bot'
            when tweets.author_kind = 'customer' then 'customer'
            else coalesce(automated.reason, 'person')
        end as author_role,
        case when tweets.author_kind = 'customer' then 'inbound' else 'outbound' end as direction,
        case
            when automated.reason = 'survey' then 'survey'
            when tweets.replied_to_tweet_id is null then 'post'
            else 'reply'
        end as kind,
        cast(null as varchar) as intent,
        true as is_public,
        true as is_delivered,
        case
            when tweets.replied_to_tweet_id is not null
                then 'x:' || tweets.account || ':' || tweets.replied_to_tweet_id
        end as in_reply_to_message_id,
        tweets.created_at as published_at,
        tweets.created_at as received_at,
        tweets.source_order,
        cast(null as timestamp) as deleted_at,
        case
            when tweets.excluded_reason is not null then tweets.excluded_reason
            when tweets.author_kind = 'customer' and automated.reason is not null then 'automated_inbound'
        end as excluded_reason,
        cast(null as varchar) as team_id,
        cast(null as varchar) as team_member_id
    from tweets
    inner join channels on tweets.account = channels.account
    left join automated on tweets.account = automated.account and tweets.tweet_id = automated.tweet_id

)

select * from final
