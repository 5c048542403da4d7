-- Which customer's conversation each post belongs to (D15): a thread holds one conversation for each customer who addresses the
-- company or is answered by it.
with recursive

tweets as (

    select * from {{ ref('int_x_tweets_unioned') }}

),

answered as (

    select distinct
        account,
        replied_to_tweet_id as tweet_id
    from tweets
    where author_kind = 'own' and replied_to_tweet_id is not null

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

customer_tweets as (

    select
        tweets.*,
        (tweets.is_addressed or answered.tweet_id is not null) as opens_own_conversation,
        speaks_elsewhere.tweet_id is not null as is_for_other_account
    from tweets
    left join answered on tweets.account = answered.account and tweets.tweet_id = answered.tweet_id
    left join speaks_elsewhere
        on tweets.account = speaks_elsewhere.account and tweets.tweet_id = speaks_elsewhere.tweet_id
    where tweets.author_kind = 'customer'

),

-- The thread's main customer: who began it, if they speak to the company in it; else who spoke to it first.
main_customers as (

    select
        account,
        thread_id,
        author_id as main_author_id
    from (
        select
            account,
            thread_id,
            author_id,
            min(source_order) filter (where opens_own_conversation) as first_addressed_order,
            bool_or(tweet_id = thread_id) as is_thread_starter
        from customer_tweets
        group by account, thread_id, author_id
        having bool_or(opens_own_conversation)
    ) as candidates
    qualify row_number() over (
        partition by account, thread_id
        order by is_thread_starter desc, first_addressed_order asc
    ) = 1

),

thread_customers as (

    select distinct
        account,
        thread_id,
        author_id
    from customer_tweets

),

customers_assigned as (

    select
        customer_tweets.account,
        customer_tweets.tweet_id,
        case
            when customer_tweets.opens_own_conversation then customer_tweets.author_id
            else main_customers.main_author_id
        end as customer_id,
        case
            when customer_tweets.opens_own_conversation then null
            when customer_tweets.author_id = main_customers.main_author_id then null
            else 'other_customer'
        end as excluded_reason
    from customer_tweets
    left join main_customers
        on customer_tweets.account = main_customers.account and customer_tweets.thread_id = main_customers.thread_id
    where
        (customer_tweets.opens_own_conversation or main_customers.main_author_id is not null)
        and (customer_tweets.opens_own_conversation or not customer_tweets.is_for_other_account)

),

own_tweets as (

    select
        tweets.account,
        tweets.tweet_id,
        tweets.thread_id,
        tweets.replied_to_tweet_id,
        parent.author_kind as parent_author_kind,
        case
            when parent.author_kind = 'customer' then parent.author_id
            else coalesce(named.author_id, main_customers.main_author_id)
        end as stated_customer_id
    from tweets
    left join tweets as parent
        on tweets.account = parent.account and tweets.replied_to_tweet_id = parent.tweet_id
    left join thread_customers as named
        on
            tweets.account = named.account
            and tweets.thread_id = named.thread_id
            and tweets.in_reply_to_user_id = named.author_id
    left join main_customers
        on tweets.account = main_customers.account and tweets.thread_id = main_customers.thread_id
    where tweets.author_kind = 'own'

),

-- The company continues its own post: it still speaks to whom it spoke before.
own_assigned as (

    select
        account,
        tweet_id,
        stated_customer_id as customer_id
    from own_tweets
    where coalesce(parent_author_kind, '') <> 'own'

    union all

    select
        own_tweets.account,
        own_tweets.tweet_id,
        own_assigned.customer_id
    from own_tweets
    inner join own_assigned
        on own_tweets.account = own_assigned.account and own_tweets.replied_to_tweet_id = own_assigned.tweet_id
    where own_tweets.parent_author_kind = 'own'

),

assigned as (

    select
        account,
        tweet_id,
        customer_id,
        excluded_reason
    from customers_assigned
    union all
    select
        account,
        tweet_id,
        customer_id,
        cast(null as varchar) as excluded_reason
    from own_assigned

),

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
    inner join tweets on assigned.account = tweets.account and assigned.tweet_id = tweets.tweet_id

)

select * from final
