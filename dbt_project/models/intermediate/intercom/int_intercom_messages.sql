-- What began a conversation is its first message; the others are parts that somebody has all_lines.
with

all_lines as (

    select
        conversation_key,
        account,
        'source-' || ticket_id as message_id,
        0 as number,
        'comment' as message_kind,
        text_start,
        author_type,
        author_id,
        -- Series, campaigns and bots speak in the name of admins.
        author_type = 'bot'
        or (
            not {{ intercom_is_outside('author_type') }}
            and delivered_as not in ('customer_initiated', 'admin_initiated')
        ) as is_bot,
        true as is_opening,
        created_at
    from {{ ref('int_intercom_versions') }}
    qualify row_number() over (partition by conversation_key order by version_number) = 1
    union all
    select
        conversation_key,
        account,
        message_id,
        number,
        {{ intercom_message_kind('part_type', 'has_body', intercom_is_outside('author_type')) }} as message_kind,
        text_start,
        author_type,
        author_id,
        author_type = 'bot' or is_from_ai_agent as is_bot,
        false as is_opening,
        created_at
    from {{ ref('int_intercom_parts') }}

),

ways_in as (

    select
        conversation_key,
        way_in
    from {{ ref('int_intercom_tickets') }}

),

messages as (

    select
        all_lines.conversation_key,
        all_lines.account,
        all_lines.message_id,
        all_lines.author_id,
        case
            when {{ intercom_is_outside('all_lines.author_type') }} then 'outside'
            when all_lines.author_type is null then 'system'
            else 'company'
        end as side,
        case when all_lines.is_bot then 'bot' end as automatic,
        all_lines.message_kind = 'comment' as is_public,
        true as is_delivered,
        case
            when all_lines.message_kind = 'note' then 'note'
            when ways_in.way_in in ('email', 'ticket') then 'email'
            when ways_in.way_in in ('facebook', 'instagram', 'twitter') then 'direct_message'
            when ways_in.way_in in ('phone_call', 'phone_switch') then 'call'
            else 'chat'
        end as kind,
        all_lines.text_start,
        all_lines.is_opening,
        all_lines.created_at as occurred_at,
        {{ epoch_seconds('all_lines.created_at') }} * 1000 as milliseconds,
        all_lines.number,
        admins.only_group_id as source_team_id,
        case when all_lines.author_type = 'admin' then all_lines.author_id end as source_team_member_id,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as in_reply_to_source_message_id
    from all_lines
    inner join ways_in on all_lines.conversation_key = ways_in.conversation_key
    left join {{ ref('stg_intercom__admins') }} as admins
        on all_lines.account = admins.account and all_lines.author_type = 'admin' and all_lines.author_id = admins.agent_id
    where all_lines.message_kind is not null

),

{{ helpdesk_messages('intercom', 'messages') }}

select * from final
