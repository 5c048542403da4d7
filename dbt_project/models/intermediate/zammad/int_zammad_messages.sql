-- A merge moves the child's articles into the parent. Here they stay where they were written, as the history has it (D9).
with

origins as (

    select
        account,
        object_id as article_id,
        min(ticket_id) as ticket_id
    from {{ ref('stg_zammad__ticket_history') }}
    where object = 'Ticket::Article' and type = 'created'
    group by account, object_id

),

messages as (

    select
        {{ text_key("'zammad:' || articles.account || ':' || coalesce(origins.ticket_id, articles.ticket_id)") }}
            as conversation_key,
        articles.account,
        articles.article_id as message_id,
        articles.author_id,
        -- What triggers send in the company's name is an automatic answer; what Zammad notes is nobody's.
        case
            when articles.sender = 'Customer' then 'outside'
            when articles.sender = 'Agent' then 'company'
            when articles.article_type <> 'note' and not articles.is_internal then 'company'
            else 'system'
        end as side,
        case when articles.sender = 'System' then 'auto_reply' end as automatic,
        -- A note is sent to nobody, also where it is not internal.
        not articles.is_internal and articles.article_type <> 'note' as is_public,
        articles.is_delivered,
        case
            when articles.article_type = 'note' or articles.is_internal then 'note'
            when articles.article_type = 'phone' then 'call'
            when articles.article_type in ('chat', 'sms', 'whatsapp message', 'telegram personal-message') then 'chat'
            when articles.article_type in ('twitter direct-message', 'twitter direct message') then 'direct_message'
            when articles.article_type in ('twitter status', 'facebook feed post') then 'post'
            when articles.article_type = 'facebook feed comment' then 'reply'
            else 'email'
        end as kind,
        articles.text_start,
        row_number() over (partition by articles.account, articles.ticket_id order by cast(articles.article_id as bigint)) = 1
            as is_opening,
        articles.created_at as occurred_at,
        {{ epoch_seconds('articles.created_at') }} * 1000 as milliseconds,
        cast(articles.article_id as bigint) as number,
        agents.only_group_id as source_team_id,
        articles.author_id as source_team_member_id,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as in_reply_to_source_message_id
    from {{ ref('stg_zammad__ticket_articles') }} as articles
    left join origins on articles.account = origins.account and articles.article_id = origins.article_id
    left join {{ ref('int_zammad_agents') }} as agents
        on articles.account = agents.account and articles.author_id = agents.agent_id

),

{{ helpdesk_messages('zammad', 'messages') }}

select * from final
