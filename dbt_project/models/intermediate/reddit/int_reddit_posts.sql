-- Submissions and comments that the account made, was told of, or that stand in the same threads: one row each, the newest
-- version that has a text. What is gone keeps it.
with

streams as (

    select
        *,
        true as is_in_inbox
    from {{ ref('stg_reddit__inbox_things') }}
    where thing_kind = 't1'
    union all
    select
        *,
        false as is_in_inbox
    from {{ ref('stg_reddit__comments') }}
    union all
    select
        *,
        false as is_in_inbox
    from {{ ref('stg_reddit__submissions') }}
    union all
    select
        *,
        false as is_in_inbox
    from {{ ref('stg_reddit__thread_posts') }}

),

newest as (

    select *
    from streams
    where not is_gone and created_at <= {{ as_of() }}
    qualify row_number() over (
        partition by account, thing_id
        order by extracted_at desc, is_in_inbox asc
    ) = 1

),

-- Reddit tells that a thing is gone, not since when: since it was first seen so, if it was not seen otherwise afterwards.
gone as (

    select
        account,
        thing_id,
        date_trunc('second', cast(min(case when is_gone then extracted_at end) as timestamp)) as deleted_at,
        bool_or(is_in_inbox) as is_in_inbox,
        max(case when is_gone then extracted_at end) > max(case when not is_gone then extracted_at end) as is_gone
    from streams
    group by account, thing_id

),

own_accounts as (

    select * from {{ ref('stg_reddit__accounts') }}

),

final as (

    select
        newest.account,
        newest.thing_id as post_id,
        coalesce(newest.thread_id, newest.thing_id) as thread_id,
        cast(null as bigint) as source_order,
        newest.author_id,
        case
            when newest.author_id = own.user_id then 'own'
            when other_own.user_id is not null then 'other_own'
            else 'customer'
        end as author_kind,
        newest.author_id = 'automoderator' as author_is_bot,
        newest.created_at,
        newest.created_at as received_at,
        newest.replied_to_thing_id as replied_to_post_id,
        cast(null as varchar) as addressee_id,
        newest.body,
        -- The inbox has what names the account and what answers it.
        coalesce(gone.is_in_inbox or parent.author_id = own.user_id, false) as is_addressed,
        false as is_for_other_account,
        case
            when newest.thing_kind = 't3' then 'post'
            when newest.replied_to_thing_id = newest.thread_id then 'comment'
            else 'reply'
        end as kind,
        'public' as via,
        true as is_public,
        true as is_delivered,
        case when gone.is_gone and gone.deleted_at <= {{ as_of() }} then greatest(gone.deleted_at, newest.created_at) end
            as deleted_at
    from newest
    inner join own_accounts as own on newest.account = own.account
    inner join gone on newest.account = gone.account and newest.thing_id = gone.thing_id
    left join own_accounts as other_own on newest.author_id = other_own.user_id
    left join newest as parent on newest.account = parent.account and newest.replied_to_thing_id = parent.thing_id

)

select * from final
