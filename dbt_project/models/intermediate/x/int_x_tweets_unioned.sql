-- The same post can come in by several streams of an account: one row each, the newest version.
with

streams as (

    select * from {{ ref('stg_x__mentions') }}
    union all
    select * from {{ ref('stg_x__tweets') }}
    union all
    select * from {{ ref('stg_x__conversation_tweets') }}

),

newest as (

    select *
    from streams
    where not is_retweet and created_at <= {{ as_of() }}
    qualify row_number() over (
        partition by account, tweet_id
        order by record_updated_at desc, extracted_at desc
    ) = 1

),

own_accounts as (

    select * from {{ ref('stg_x__accounts') }}

),

own_users as (

    select distinct user_id from own_accounts

),

final as (

    select
        newest.account,
        newest.tweet_id,
        newest.source_order,
        newest.author_id,
        newest.created_at,
        newest.thread_id,
        newest.in_reply_to_user_id,
        newest.replied_to_tweet_id,
        newest.body,
        case
            when newest.author_id = own.user_id then 'own'
            when other_own.user_id is not null then 'other_own'
            else 'customer'
        end as author_kind,
        coalesce({{ array_holds('newest.mentioned_usernames', 'lower(own.username)') }}, false)
        or coalesce(newest.in_reply_to_user_id = own.user_id, false) as is_addressed,
        newest.mentioned_usernames
    from newest
    inner join own_accounts as own on newest.account = own.account
    left join own_users as other_own
        on newest.author_id = other_own.user_id

)

select * from final
