-- Which customer's conversation each post belongs to (D15): a thread holds one conversation for each customer who addresses the
-- company or is answered by it.
with recursive

tweets as (

    select * from {{ ref('int_x_tweets_unioned') }}

),

other_account_names as (

    select distinct lower(username) as username from {{ ref('stg_x__accounts') }}

),

-- A post that names other accounts of ours, and not this one, speaks to them.
speaks_elsewhere as (

    select distinct
        mentions.account,
        mentions.tweet_id
    from (
        select
            account,
            tweet_id,
            unnest(mentioned_usernames) as username
        from tweets
        where author_kind = 'customer' and not is_addressed
    ) as mentions
    inner join other_account_names on mentions.username = other_account_names.username

),

posts as (

    select
        tweets.account,
        tweets.tweet_id as post_id,
        tweets.thread_id,
        tweets.source_order,
        tweets.created_at,
        tweets.author_id,
        tweets.author_kind,
        tweets.is_addressed,
        tweets.replied_to_tweet_id as replied_to_post_id,
        tweets.in_reply_to_user_id as addressee_id,
        speaks_elsewhere.tweet_id is not null as is_for_other_account
    from tweets
    left join speaks_elsewhere
        on tweets.account = speaks_elsewhere.account and tweets.tweet_id = speaks_elsewhere.tweet_id

),

{{ posts_assigned_to_customers() }},

final as (

    select
        tweets.account,
        tweets.tweet_id,
        tweets.source_order,
        tweets.thread_id,
        tweets.author_id,
        tweets.author_kind,
        tweets.created_at,
        tweets.replied_to_tweet_id,
        tweets.body,
        assigned.customer_id,
        assigned.excluded_reason,
        {{ pseudonym("'x:' || assigned.customer_id") }} as customer_key,
        case when tweets.author_kind = 'customer' then {{ pseudonym("'x:' || tweets.author_id") }} end as author_key
    from assigned
    inner join tweets on assigned.account = tweets.account and assigned.post_id = tweets.tweet_id

)

select * from final
