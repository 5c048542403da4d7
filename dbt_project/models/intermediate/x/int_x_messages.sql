with

messages as (

    select
        account,
        tweet_id as post_id,
        thread_id,
        source_order,
        author_id,
        author_kind,
        author_key,
        customer_key,
        excluded_reason,
        created_at,
        created_at as received_at,
        body,
        replied_to_tweet_id as replied_to_post_id,
        case when replied_to_tweet_id is null then 'post' else 'reply' end as kind,
        'post' as via,
        false as author_is_bot,
        true as is_public,
        true as is_delivered,
        cast(null as timestamp) as deleted_at
    from {{ ref('int_x_tweets_assigned') }}

),

{{ social_messages('x', handles='@[A-Za-z0-9_]+') }}

select * from final
