-- Posts of the Page, of visitors and of people who tagged it, comments and their answers, reviews and theirs. A comment on a post
-- of the Page begins a thread of its own; a visitor's post and a review are threads with all that stands below.
with

own_accounts as (

    select * from {{ ref('stg_facebook__accounts') }}

),

own_users as (

    select distinct user_id from own_accounts

),

posts as (

    select *
    from (
        select * from {{ ref('stg_facebook__posts') }}
        union all
        select * from {{ ref('stg_facebook__tagged_posts') }}
    ) as streams
    qualify row_number() over (
        partition by account, post_id
        order by record_updated_at desc, extracted_at desc
    ) = 1

),

unified as (

    select
        account,
        post_id,
        post_id as thread_id,
        cast(null as varchar) as replied_to_post_id,
        coalesce(author_id, 'unknown:' || post_id) as author_name,
        cast(null as varchar) as named_author,
        tagged_ids,
        created_at,
        body,
        'post' as kind,
        'public' as via
    from posts

    union all

    select
        comments.account,
        comments.comment_id as post_id,
        case
            when coalesce(posts.author_id = own_accounts.user_id, true)
                then coalesce(comments.parent_comment_id, comments.comment_id)
            else comments.post_id
        end as thread_id,
        coalesce(comments.parent_comment_id, comments.post_id) as replied_to_post_id,
        comments.author_id as author_name,
        comments.first_tagged_id as named_author,
        comments.tagged_ids,
        comments.created_at,
        comments.body,
        case when comments.parent_comment_id is null then 'comment' else 'reply' end as kind,
        'public' as via
    from {{ ref('stg_facebook__comments') }} as comments
    inner join own_accounts on comments.account = own_accounts.account
    left join posts on comments.account = posts.account and comments.post_id = posts.post_id

    union all

    select
        account,
        review_id as post_id,
        review_id as thread_id,
        cast(null as varchar) as replied_to_post_id,
        author_id as author_name,
        cast(null as varchar) as named_author,
        {{ no_texts() }} as tagged_ids,
        created_at,
        body,
        'review' as kind,
        'review' as via
    from {{ ref('stg_facebook__reviews') }}

    union all

    select
        account,
        comment_id as post_id,
        review_id as thread_id,
        coalesce(parent_comment_id, review_id) as replied_to_post_id,
        author_id as author_name,
        first_tagged_id as named_author,
        tagged_ids,
        created_at,
        body,
        'reply' as kind,
        'review' as via
    from {{ ref('stg_facebook__review_comments') }}

),

seen as (

    select *
    from unified
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

speaks_elsewhere as (

    select distinct
        mentions.account,
        mentions.post_id
    from (
        select
            account,
            post_id,
            unnest(tagged_ids) as user_id
        from seen
    ) as mentions
    inner join own_users on mentions.user_id = own_users.user_id

),

final as (

    select
        answering.account,
        answering.post_id,
        answering.thread_id,
        cast(null as bigint) as source_order,
        answering.author_name as author_id,
        case
            when answering.author_name = own.user_id then 'own'
            when other_own.user_id is not null then 'other_own'
            else 'customer'
        end as author_kind,
        false as author_is_bot,
        answering.created_at,
        answering.created_at as received_at,
        answering.answered_post_id as replied_to_post_id,
        cast(null as varchar) as addressee_id,
        answering.body,
        coalesce(
            answering.kind in ('post', 'review')
            or parent.author_name = own.user_id
            or {{ array_holds('answering.tagged_ids', 'own.user_id') }},
            false
        ) as is_addressed,
        speaks_elsewhere.post_id is not null as is_for_other_account,
        answering.kind,
        answering.via,
        true as is_public,
        true as is_delivered,
        cast(null as timestamp) as deleted_at
    from answering
    inner join own_accounts as own on answering.account = own.account
    left join own_users as other_own on answering.author_name = other_own.user_id
    left join seen as parent on answering.account = parent.account and answering.answered_post_id = parent.post_id
    left join speaks_elsewhere
        on answering.account = speaks_elsewhere.account and answering.post_id = speaks_elsewhere.post_id

)

select * from final
