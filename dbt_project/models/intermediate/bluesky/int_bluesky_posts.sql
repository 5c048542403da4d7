-- The same post can come in by several streams of an account: one row each, the newest version. What is gone keeps its last one.
with

streams as (

    select * from {{ ref('stg_bluesky__notifications') }}
    union all
    select * from {{ ref('stg_bluesky__posts') }}
    union all
    select * from {{ ref('stg_bluesky__search_hits') }}
    union all
    select * from {{ ref('stg_bluesky__thread_posts') }}

),

newest as (

    select
        *,
        date_trunc('second', exact_published_at) as created_at,
        date_trunc('second', exact_received_at) as received_at
    from streams
    where not is_gone and exact_received_at <= {{ as_of() }}
    qualify row_number() over (
        partition by account, post_id
        order by record_updated_at desc, extracted_at desc
    ) = 1

),

-- Gone, unless it was seen again since (a block that was lifted).
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

own_accounts as (

    select * from {{ ref('stg_bluesky__accounts') }}

),

own_users as (

    select distinct user_id from own_accounts

),

-- A post that names or answers other accounts of ours, and not this one, speaks to them.
speaks_elsewhere as (

    select distinct
        mentions.account,
        mentions.post_id
    from (
        select
            account,
            post_id,
            unnest(mentioned_user_ids) as user_id
        from newest
        union all
        select
            account,
            post_id,
            replied_to_user_id as user_id
        from newest
        union all
        -- By its handle, where the program made no mention of it.
        select
            newest.account,
            newest.post_id,
            named.user_id
        from newest
        inner join own_accounts as named
            on newest.account <> named.account and {{ writes_handle('newest.body', 'named.handle') }}
    ) as mentions
    inner join own_users on mentions.user_id = own_users.user_id

),

final as (

    select
        newest.account,
        newest.post_id,
        newest.thread_id,
        -- Ids say nothing of time; times have milliseconds, which canonical ones have not.
        row_number() over (
            partition by newest.account, newest.thread_id
            order by newest.exact_published_at, newest.author_id = own.user_id, newest.post_id
        ) as source_order,
        newest.author_id,
        case
            when newest.author_id = own.user_id then 'own'
            when other_own.user_id is not null then 'other_own'
            else 'customer'
        end as author_kind,
        false as author_is_bot,
        newest.created_at,
        newest.received_at,
        newest.replied_to_post_id,
        newest.replied_to_user_id as addressee_id,
        newest.body,
        -- By a mention, by an answer, or by writing the handle where the program made no mention of it.
        coalesce(
            {{ array_holds('newest.mentioned_user_ids', 'own.user_id') }}
            or newest.replied_to_user_id = own.user_id
            or {{ writes_handle('newest.body', 'own.handle') }},
            false
        ) as is_addressed,
        speaks_elsewhere.post_id is not null as is_for_other_account,
        case when newest.replied_to_post_id is null then 'post' else 'reply' end as kind,
        'post' as via,
        true as is_public,
        true as is_delivered,
        case when gone.deleted_at <= {{ as_of() }} then greatest(gone.deleted_at, newest.created_at) end as deleted_at
    from newest
    inner join own_accounts as own on newest.account = own.account
    left join own_users as other_own on newest.author_id = other_own.user_id
    left join gone on newest.account = gone.account and newest.post_id = gone.post_id
    left join speaks_elsewhere on newest.account = speaks_elsewhere.account and newest.post_id = speaks_elsewhere.post_id

)

select * from final
