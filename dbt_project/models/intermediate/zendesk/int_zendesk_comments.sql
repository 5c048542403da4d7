{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
with

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}
    where occurred_at <= {{ as_of() }} and {{ is_touched('conversation_key') }}

),

tickets as (

    select * from {{ ref('int_zendesk_tickets') }}
    where channel_id is not null and {{ is_touched('conversation_key') }}

),

-- A person's role is the one held when they wrote (R4): the version then in force, the oldest for what was before it.
user_versions as (

    select
        account,
        user_id,
        person_key,
        role,
        default_group_id,
        from_at,
        until_at
    from {{ ref('stg_zendesk__users') }}

),

authors as (

    select
        account,
        author_ref,
        reason
    from {{ ref('stg_config__automation_authors') }}
    where source = 'zendesk'

),

prefixes as (

    select
        account,
        lower(text_prefix) as text_prefix,
        reason
    from {{ ref('stg_config__automation_text_prefixes') }}
    where source = 'zendesk'

),

-- The subject is the first message's: an out-of-office reply opens a ticket under its own subject.
subjects as (

    select
        tickets.conversation_key,
        min(tickets.requester_id) as requester_id,
        min(prefixes.reason) as reason
    from tickets
    inner join prefixes on tickets.account = prefixes.account and starts_with(lower(tickets.subject), prefixes.text_prefix)
    group by tickets.conversation_key

),

automated as (

    select
        conversation_key,
        comment_id,
        min(reason) as automation_reason
    from (
        select
            comments.conversation_key,
            comments.comment_id,
            authors.reason
        from comments
        inner join authors on comments.account = authors.account and comments.author_id = authors.author_ref -- noqa: ST09
        union all
        select
            comments.conversation_key,
            comments.comment_id,
            prefixes.reason
        from comments
        inner join prefixes on comments.account = prefixes.account and starts_with(comments.text_start, prefixes.text_prefix)
        union all
        select
            subjects.conversation_key,
            min_by(comments.comment_id, comments.source_order) as comment_id,
            min(subjects.reason) as reason
        from subjects
        inner join comments on subjects.conversation_key = comments.conversation_key
        group by subjects.conversation_key
        having min_by(comments.author_id, comments.source_order) = min(subjects.requester_id)
    ) as found
    group by conversation_key, comment_id

),

roles as (

    select
        comments.*,
        tickets.via_channel,
        automated.automation_reason,
        versions.default_group_id,
        versions.person_key,
        case
            when comments.is_by_merge or comments.author_id = '-1' or comments.author_id is null then 'system'
            -- Who asks is the customer, whatever they became since: an export of today shows today's role only (R4).
            when comments.author_id = tickets.requester_id then 'customer'
            when coalesce(versions.role, 'end-user') in ('agent', 'admin') then 'company'
            else 'other_customer'
        end as side
    from comments
    inner join tickets on comments.conversation_key = tickets.conversation_key
    left join user_versions as versions
        on
            comments.account = versions.account
            and case when comments.author_id <> tickets.requester_id then comments.author_id end = versions.user_id
            and comments.occurred_at >= versions.from_at
            and comments.occurred_at < versions.until_at
    left join automated
        on comments.conversation_key = automated.conversation_key and comments.comment_id = automated.comment_id

),

final as (

    select
        conversation_key,
        account,
        comment_id as source_message_id,
        case
            when side = 'other_customer'
                then coalesce(person_key, {{ pseudonym("'zendesk:' || account || ':' || author_id") }})
        end as other_author_key,
        case
            when side = 'company' then coalesce(automation_reason, 'person')
            when side = 'customer' and automation_reason is not null then 'bot'
            else side
        end as author_role,
        case
            when side in ('customer', 'other_customer') then 'inbound'
            when is_public and side = 'company' then 'outbound'
            else 'internal'
        end as direction,
        case
            when automation_reason = 'survey' then 'survey'
            when not is_public then 'note'
            when comment_type = 'VoiceComment' then 'call'
            when via_channel in ('chat', 'native_messaging') then 'chat'
            else 'email'
        end as kind,
        is_public,
        occurred_at as published_at,
        source_order,
        case
            when side = 'other_customer' then 'other_customer'
            when side = 'customer' and automation_reason is not null then 'automated_inbound'
        end as excluded_reason,
        case when side = 'company' then default_group_id end as source_team_id,
        case when side = 'company' then author_id end as source_team_member_id
    from roles

)

select * from final
