-- The direction was written down with the message (R4); the letter before an actor's number says what it is.
with

messages as (

    select
        threads.conversation_key,
        found.account,
        found.message_id,
        -- Somebody outside is known by the contact that the thread is of, whatever number the visitor has.
        case
            when found.direction = 'INCOMING' and {{ hubspot_actor_kind('found.created_by') }} in ('V', 'E')
                then threads.contact_id
            else found.created_by
        end as author_id,
        case
            when found.message_type = 'MESSAGE' and found.direction = 'INCOMING' then 'outside'
            when found.message_type in ('MESSAGE', 'COMMENT', 'WELCOME_MESSAGE')
                then case when {{ hubspot_actor_kind('found.created_by') }} = 'S' then 'system' else 'company' end
            else 'system'
        end as side,
        case
            when found.message_type = 'WELCOME_MESSAGE' then 'auto_reply'
            when {{ hubspot_actor_kind('found.created_by') }} in ('B', 'L', 'I') then 'bot'
            when found.client_type = 'SYSTEM' and found.direction = 'OUTGOING' then 'auto_reply'
        end as automatic,
        found.message_type in ('MESSAGE', 'WELCOME_MESSAGE') as is_public,
        found.is_delivered,
        case
            when found.message_type = 'COMMENT' then 'note'
            when threads.way_in in ('email', 'form') then 'email'
            when threads.way_in = 'facebook' then 'direct_message'
            else 'chat'
        end as kind,
        found.text_start,
        false as is_opening,
        found.created_at as occurred_at,
        found.created_ms as milliseconds,
        {{ text_key('found.message_id') }} as number,
        agents.only_group_id as source_team_id,
        agents.agent_id as source_team_member_id,
        found.deleted_at,
        found.in_reply_to_message_id as in_reply_to_source_message_id
    from {{ ref('stg_hubspot__thread_messages') }} as found
    inner join {{ ref('int_hubspot_threads') }} as threads
        on found.account = threads.account and found.thread_id = threads.thread_id
    left join {{ ref('int_hubspot_agents') }} as agents
        on
            found.account = agents.account
            and {{ hubspot_actor_kind('found.created_by') }} = 'A'
            and {{ hubspot_actor_number('found.created_by') }} = agents.user_id
    where found.message_type in ('MESSAGE', 'COMMENT', 'WELCOME_MESSAGE')

),

{{ helpdesk_messages('hubspot', 'messages') }}

select * from final
