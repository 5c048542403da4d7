-- received_at, where the files tell it, begins the goals of teams and members (D10); it is not later than the build (D12).
with

found as (

    select
        *,
        row_number() over (
            partition by conversation_key
            order by milliseconds, {{ files_order('message_id') }}
        ) as place,
        row_number() over (
            partition by conversation_key, milliseconds
            order by {{ files_order('message_id') }}
        ) as number
    from {{ ref('stg_files__messages') }}
    where created_at <= {{ as_of() }}

),

messages as (

    select
        found.conversation_key,
        found.account,
        found.message_id,
        found.author_id,
        case found.author_type
            when 'customer' then 'outside'
            when 'system' then 'system'
            else 'company'
        end as side,
        case when found.author_type in ('bot', 'auto_reply', 'survey') then found.author_type end as automatic,
        not found.is_internal as is_public,
        found.is_delivered,
        coalesce(found.kind, case when found.is_internal then 'note' else 'chat' end) as kind,
        found.text_start,
        found.place = 1 as is_opening,
        found.created_at as occurred_at,
        found.milliseconds,
        found.number,
        coalesce(found.team_id, agents.only_group_id) as source_team_id,
        case when found.author_type = 'agent' then found.author_id end as source_team_member_id,
        found.deleted_at,
        found.in_reply_to_message_id as in_reply_to_source_message_id
    from found
    left join {{ ref('int_files_agents') }} as agents
        on found.account = agents.account and found.author_type = 'agent' and found.author_id = agents.agent_id

),

{{ helpdesk_messages('files', 'messages') }}

select
    {{ 'final.' ~ canonical_columns('messages') | reject('equalto', 'received_at') | join(',\n    final.') }},
    least(coalesce(found.received_at, final.received_at), {{ as_of() }}) as received_at
from final
inner join found
    on final.conversation_key = found.conversation_key and final.source_message_id = found.message_id
