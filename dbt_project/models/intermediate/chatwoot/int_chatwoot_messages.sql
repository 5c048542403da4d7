-- message_type: 0 incoming, 1 outgoing, 2 activity (Chatwoot's own lines), 3 template (greetings, out of office, surveys).
with

channel_types as (

    select
        conversation_key,
        channel_type
    from {{ ref('int_chatwoot_tickets') }}

),

messages as (

    select
        found.conversation_key,
        found.account,
        found.message_id,
        found.sender_id as author_id,
        case found.message_type
            when '0' then 'outside'
            when '2' then 'system'
            else 'company'
        end as side,
        case
            when found.content_type = 'input_csat' then 'survey'
            when found.message_type = '3' or found.is_by_rule then 'auto_reply'
            when
                found.message_type = '1'
                and found.sender_type in ('agent_bot', 'agentbot', 'captain_assistant', 'captain::assistant')
                then 'bot'
            -- Written in the vendor's own app, or sent by an integration that gives no name.
            when found.message_type = '1' and found.sender_id is null and not found.is_written_elsewhere then 'bot'
        end as automatic,
        not found.is_private as is_public,
        found.is_delivered,
        case
            when found.is_private then 'note'
            when channel_types.channel_type = 'Channel::Email' then 'email'
            when channel_types.channel_type in ('Channel::FacebookPage', 'Channel::Instagram', 'Channel::TwitterProfile')
                then 'direct_message'
            when channel_types.channel_type = 'Channel::Voice' or found.content_type = 'voice_call' then 'call'
            else 'chat'
        end as kind,
        found.text_start,
        false as is_opening,
        found.created_at as occurred_at,
        {{ epoch_seconds('found.created_at') }} * 1000 as milliseconds,
        cast(found.message_id as bigint) as number,
        agents.only_group_id as source_team_id,
        case when found.sender_type = 'user' then found.sender_id end as source_team_member_id,
        found.deleted_at,
        found.in_reply_to_message_id as in_reply_to_source_message_id
    from {{ ref('stg_chatwoot__messages') }} as found
    inner join channel_types on found.conversation_key = channel_types.conversation_key
    left join {{ ref('int_chatwoot_agents') }} as agents
        on found.account = agents.account and found.sender_type = 'user' and found.sender_id = agents.agent_id

),

{{ helpdesk_messages('chatwoot', 'messages') }}

select * from final
