with

comments as (

    select
        events.account,
        events.ticket_id,
        events.occurred_at,
        events.source_order,
        events.is_by_merge,
        {{ json_text('events.child', 'id') }} as comment_id,
        coalesce({{ json_text('events.child', 'author_id') }}, events.updater_id) as author_id,
        coalesce(cast({{ json_text('events.child', 'public') }} as boolean), true) as is_public,
        coalesce({{ json_text('events.child', 'type') }}, 'Comment') as comment_type,
        row_number() over (partition by events.account, events.ticket_id order by events.source_order) = 1 as is_first,
        lower(trim(coalesce(
            {{ json_text('events.child', 'plain_body') }}, {{ json_text('events.child', 'body') }}, ''
        ))) as plain_body
    from {{ ref('int_zendesk_child_events') }} as events
    where events.child_type = 'Comment'

),

tickets as (

    select * from {{ ref('int_zendesk_tickets') }}
    where channel_id is not null

),

-- A person's role is the one held when they wrote (R4): the version then in force, the oldest for what was before it.
user_versions as (

    select
        account,
        user_id,
        role,
        default_group_id,
        case when version_number = 1 then cast('1970-01-01' as timestamp) else version_at end as from_at,
        lead(version_at, 1, cast('9999-01-01' as timestamp))
            over (partition by account, user_id order by version_number) as to_at
    from {{ ref('stg_zendesk__users') }}

),

automated as (

    select
        comments.account,
        comments.comment_id,
        min(coalesce(authors.reason, prefixes.reason)) as reason
    from comments
    inner join tickets on comments.account = tickets.account and comments.ticket_id = tickets.ticket_id
    left join {{ ref('stg_config__automation_authors') }} as authors
        on
            authors.source = 'zendesk'
            and comments.account = authors.account
            and comments.author_id = authors.author_ref
    left join {{ ref('stg_config__automation_text_prefixes') }} as prefixes
        on
            prefixes.source = 'zendesk'
            and comments.account = prefixes.account
            and (
                starts_with(comments.plain_body, lower(prefixes.text_prefix))
                -- The subject is the first message's: an out-of-office reply opens a ticket under its own subject.
                or (
                    starts_with(lower(tickets.subject), lower(prefixes.text_prefix))
                    and comments.author_id = tickets.requester_id
                    and comments.is_first
                )
            )
    where authors.reason is not null or prefixes.reason is not null
    group by comments.account, comments.comment_id

),

roles as (

    select
        comments.*,
        tickets.conversation_id,
        tickets.channel_id,
        tickets.via_channel,
        tickets.customer_key,
        automated.reason as automation_reason,
        versions.default_group_id,
        case
            when comments.is_by_merge or comments.author_id = '-1' or comments.author_id is null then 'system'
            -- Who asks is the customer, whatever they became since: an export of today shows today's role only (R4).
            when comments.author_id = tickets.requester_id then 'customer'
            when coalesce(versions.role, 'end-user') in ('agent', 'admin') then 'company'
            else 'other_customer'
        end as side
    from comments
    inner join tickets on comments.account = tickets.account and comments.ticket_id = tickets.ticket_id
    left join user_versions as versions
        on
            comments.account = versions.account
            and comments.author_id = versions.user_id
            and comments.occurred_at >= versions.from_at
            and comments.occurred_at < versions.to_at
    left join automated on comments.account = automated.account and comments.comment_id = automated.comment_id

),

final as (

    select
        'zendesk:' || account || ':' || comment_id as message_id,
        'zendesk' as source,
        account,
        channel_id,
        conversation_id,
        ticket_id as source_conversation_id,
        comment_id as source_message_id,
        customer_key,
        case
            when side = 'customer' then customer_key
            when side = 'other_customer' then {{ pseudonym("'zendesk:' || account || ':' || author_id") }}
        end as author_key,
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
        cast(null as varchar) as intent,
        is_public,
        true as is_delivered,
        cast(null as varchar) as in_reply_to_message_id,
        occurred_at as published_at,
        occurred_at as received_at,
        source_order,
        cast(null as timestamp) as deleted_at,
        case
            when side = 'other_customer' then 'other_customer'
            when side = 'customer' and automation_reason is not null then 'automated_inbound'
        end as excluded_reason,
        case when side = 'company' then 'zendesk:' || account || ':' || default_group_id end as team_id,
        case when side = 'company' then 'zendesk:' || account || ':' || author_id end as team_member_id
    from roles

)

select * from final
