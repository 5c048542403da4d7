-- Comments on the channel's videos and their answers: a comment begins a thread.
with

own_accounts as (

    select * from {{ ref('stg_youtube__accounts') }}

),

seen as (

    select
        account,
        comment_id as post_id,
        coalesce(parent_comment_id, comment_id) as thread_id,
        parent_comment_id as replied_to_post_id,
        author_id,
        author_handle as author_name,
        case when parent_comment_id is not null then lower({{ first_match('body', '^\s*(@[^\s:,]+)') }}) end as named_author,
        created_at,
        body
    from (
        select * from {{ ref('stg_youtube__comments') }}
        union all
        select * from {{ ref('stg_youtube__replies') }}
    ) as comments
    where created_at <= {{ as_of() }}

),

{{ answers_by_name('seen') }},

answering as (

    select
        seen.*,
        coalesce(named_answers.replied_to_post_id, seen.replied_to_post_id) as answered_post_id
    from seen
    left join named_answers on seen.account = named_answers.account and seen.post_id = named_answers.post_id

),

final as (

    select
        answering.account,
        answering.post_id,
        answering.thread_id,
        cast(null as bigint) as source_order,
        answering.author_id,
        case
            when answering.author_id = own.user_id then 'own'
            when other_own.user_id is not null then 'other_own'
            else 'customer'
        end as author_kind,
        false as author_is_bot,
        answering.created_at,
        answering.created_at as received_at,
        answering.answered_post_id as replied_to_post_id,
        cast(null as varchar) as addressee_id,
        answering.body,
        -- A comment on a video of the channel speaks to it; an answer does if it answers the channel or names it.
        coalesce(
            answering.replied_to_post_id is null
            or parent.author_id = own.user_id
            or position(own.handle in lower(answering.body)) > 0,
            false
        ) as is_addressed,
        false as is_for_other_account,
        case when answering.replied_to_post_id is null then 'comment' else 'reply' end as kind,
        'post' as via,
        true as is_public,
        true as is_delivered,
        cast(null as timestamp) as deleted_at
    from answering
    inner join own_accounts as own on answering.account = own.account
    left join own_accounts as other_own on answering.author_id = other_own.user_id
    left join seen as parent on answering.account = parent.account and answering.answered_post_id = parent.post_id

)

select * from final
