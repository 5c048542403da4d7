-- Posts of the account, comments and their answers: a comment begins a thread. Posts of others in which the account is tagged are
-- not here: the API shows no answers to them, so no clock on them could end.
with

own_accounts as (

    select * from {{ ref('stg_instagram__accounts') }}

),

unified as (

    select
        account,
        media_id as post_id,
        media_id as thread_id,
        cast(null as varchar) as replied_to_post_id,
        author_username as author_id,
        author_username as author_name,
        cast(null as varchar) as named_author,
        created_at,
        body,
        'post' as kind
    from {{ ref('stg_instagram__media') }}

    union all

    select
        account,
        comment_id as post_id,
        coalesce(parent_comment_id, comment_id) as thread_id,
        coalesce(parent_comment_id, media_id) as replied_to_post_id,
        author_id,
        author_username as author_name,
        case
            when parent_comment_id is not null then lower({{ first_match('body', '^\s*@([A-Za-z0-9._]+)') }})
        end as named_author,
        created_at,
        body,
        case when parent_comment_id is null then 'comment' else 'reply' end as kind
    from {{ ref('stg_instagram__comments') }}

),

seen as (

    select
        unified.*,
        coalesce(unified.kind = 'post' or unified.author_id = own.user_id or unified.author_name = own.username, false) as is_own,
        coalesce(position('@' || own.username in lower(unified.body)) > 0, false) as names_own
    from unified
    inner join own_accounts as own on unified.account = own.account
    where unified.created_at <= {{ as_of() }}

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
            when answering.is_own then 'own'
            when other_own.username is not null then 'other_own'
            else 'customer'
        end as author_kind,
        false as author_is_bot,
        answering.created_at,
        answering.created_at as received_at,
        answering.answered_post_id as replied_to_post_id,
        cast(null as varchar) as addressee_id,
        answering.body,
        -- A comment on a post of the account speaks to it, also where the post is too old to be known.
        answering.kind = 'comment' or answering.names_own or coalesce(parent.is_own, false) as is_addressed,
        false as is_for_other_account,
        answering.kind,
        'public' as via,
        true as is_public,
        true as is_delivered,
        cast(null as timestamp) as deleted_at
    from answering
    left join own_accounts as other_own on answering.author_name = other_own.username
    left join seen as parent on answering.account = parent.account and answering.answered_post_id = parent.post_id

)

select * from final
