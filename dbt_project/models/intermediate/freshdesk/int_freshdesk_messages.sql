-- A ticket's description is its first message; the others are its conversations. Who was incoming was decided when they
-- wrote (R4).
with

openings as (

    select *
    from {{ ref('stg_freshdesk__tickets') }}
    qualify row_number() over (partition by conversation_key order by version_number) = 1

),

messages as (

    select
        conversation_key,
        account,
        'ticket-' || ticket_id as message_id,
        case when way_in = 'outbound_email' then responder_id else requester_id end as author_id,
        case when way_in = 'outbound_email' then 'company' else 'outside' end as side,
        cast(null as varchar) as automatic,
        true as is_public,
        case way_in
            when 'phone' then 'call'
            when 'chat' then 'chat'
            when 'whatsapp' then 'chat'
            when 'twitter' then 'post'
            when 'facebook' then 'post'
            else 'email'
        end as kind,
        text_start,
        true as is_opening,
        created_at as occurred_at,
        0 as number
    from openings
    union all
    select
        conversation_key,
        account,
        message_id,
        user_id as author_id,
        case
            when is_by_merge or (user_id is null and not is_incoming) then 'system'
            when is_incoming then 'outside'
            else 'company'
        end as side,
        case when source_number = '6' then 'survey' end as automatic,
        -- 8 goes to somebody else: the customer does not see it.
        not is_private and source_number <> '8' as is_public,
        case
            when is_private then 'note'
            when source_number in ('5', '7') then 'reply'
            when source_number = '9' then 'call'
            when source_number = '10' then 'chat'
            else 'email'
        end as kind,
        text_start,
        false as is_opening,
        created_at as occurred_at,
        cast(message_id as bigint) as number
    from {{ ref('stg_freshdesk__conversations') }}

),

complete as (

    select
        messages.*,
        true as is_delivered,
        {{ epoch_seconds('messages.occurred_at') }} * 1000 as milliseconds,
        cast(null as varchar) as in_reply_to_source_message_id,
        cast(null as timestamp) as deleted_at,
        agents.only_group_id as source_team_id,
        messages.author_id as source_team_member_id
    from messages
    left join {{ ref('stg_freshdesk__agents') }} as agents
        on messages.account = agents.account and messages.author_id = agents.agent_id

),

{{ helpdesk_messages('freshdesk', 'complete') }}

select * from final
