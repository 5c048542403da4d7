-- The same status can come in by several streams of an account: one row each, the newest version. What is gone keeps its last.
with recursive

streams as (

    select * from {{ ref('stg_mastodon__mentions') }}
    union all
    select * from {{ ref('stg_mastodon__statuses') }}
    union all
    select * from {{ ref('stg_mastodon__context_statuses') }}

),

newest as (

    select *
    from streams
    where not is_gone and created_at <= {{ as_of() }}
    qualify row_number() over (
        partition by account, post_id
        order by extracted_at desc, received_at desc
    ) = 1

),

-- A notification says when the server of the account had the status (D10); a context does not.
arrivals as (

    select
        account,
        post_id,
        max(received_at) as received_at
    from {{ ref('stg_mastodon__mentions') }}
    group by account, post_id

),

-- Gone, unless it was seen again since.
gone as (

    select
        account,
        post_id,
        min(case when is_gone then record_updated_at end) as deleted_at
    from streams
    group by account, post_id
    having
        max(case when is_gone then extracted_at end)
        > coalesce(max(case when not is_gone then extracted_at end), timestamp '1970-01-01 00:00:00')

),

-- A status names the one that it answers, and none the first of its thread. Where that one is unknown, it stands for it.
threads as (

    select
        posts.account,
        posts.post_id,
        coalesce(posts.replied_to_post_id, posts.post_id) as thread_id
    from newest as posts
    left join newest as parent on posts.account = parent.account and posts.replied_to_post_id = parent.post_id
    where parent.post_id is null

    union all

    select
        posts.account,
        posts.post_id,
        threads.thread_id
    from newest as posts
    inner join threads on posts.account = threads.account and posts.replied_to_post_id = threads.post_id

),

own_accounts as (

    select * from {{ ref('stg_mastodon__accounts') }}

),

own_urls as (

    select distinct url from own_accounts

),

-- A status that names other accounts of ours, and not this one, speaks to them.
speaks_elsewhere as (

    select distinct
        mentions.account,
        mentions.post_id
    from (
        select
            account,
            post_id,
            unnest(mentioned_urls) as url
        from newest
    ) as mentions
    inner join own_urls on mentions.url = own_urls.url

),

final as (

    select
        newest.account,
        newest.post_id,
        threads.thread_id,
        -- Numbers of statuses rise with time, whatever server they come from.
        cast(newest.post_id as bigint) as source_order,
        newest.author_id,
        case
            when newest.author_id = own.url then 'own'
            when other_own.url is not null then 'other_own'
            else 'customer'
        end as author_kind,
        newest.author_is_bot,
        newest.created_at,
        greatest(coalesce(arrivals.received_at, newest.created_at), newest.created_at) as received_at,
        newest.replied_to_post_id,
        cast(null as varchar) as addressee_id,
        newest.body,
        coalesce(
            {{ array_holds('newest.mentioned_urls', 'own.url') }} or newest.replied_to_user_id = own.user_id, false
        ) as is_addressed,
        speaks_elsewhere.post_id is not null as is_for_other_account,
        case
            when newest.visibility = 'direct' then 'direct_message'
            when newest.replied_to_post_id is null then 'post'
            else 'reply'
        end as kind,
        'post' as via,
        newest.visibility in ('public', 'unlisted') as is_public,
        true as is_delivered,
        case when gone.deleted_at <= {{ as_of() }} then greatest(gone.deleted_at, newest.created_at) end as deleted_at
    from newest
    inner join threads on newest.account = threads.account and newest.post_id = threads.post_id
    inner join own_accounts as own on newest.account = own.account
    left join own_urls as other_own on newest.author_id = other_own.url
    left join arrivals on newest.account = arrivals.account and newest.post_id = arrivals.post_id
    left join gone on newest.account = gone.account and newest.post_id = gone.post_id
    left join speaks_elsewhere on newest.account = speaks_elsewhere.account and newest.post_id = speaks_elsewhere.post_id

)

select * from final
where received_at <= {{ as_of() }}
