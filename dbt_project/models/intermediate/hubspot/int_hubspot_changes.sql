-- A ticket's properties have a history; a thread without a ticket has its own lines of status and assignment.
with

settings as (

    select
        {{ text_key("'hubspot:' || histories.account || ':' || histories.ticket_id") }} as conversation_key,
        histories.account,
        histories.ticket_id,
        histories.set_at as occurred_at,
        histories.set_ms as milliseconds,
        case histories.property
            when 'hs_pipeline_stage' then 'status'
            when 'hs_ticket_priority' then 'priority'
            when 'hubspot_team_id' then 'team'
            else 'member'
        end as field,
        case histories.property
            -- Every closed stage is closed, whatever a company calls it; the others go by their names.
            when 'hs_pipeline_stage'
                then case
                    when stages.ticket_state = 'CLOSED' then 'closed'
                    else coalesce(lower(stages.label), 'stage ' || histories.value)
                end
            when 'hs_ticket_priority' then nullif(lower(histories.value), '')
            else nullif(histories.value, '')
        end as new_value,
        -- The newest comes first: what comes later in the list was before.
        20000 * case histories.property
            when 'hs_pipeline_stage' then 0 when 'hs_ticket_priority' then 1 when 'hubspot_team_id' then 2 else 3
        end + 19999 - histories.place as number
    from {{ ref('stg_hubspot__ticket_histories') }} as histories
    left join {{ ref('stg_hubspot__stages') }} as stages
        on
            histories.account = stages.account
            and histories.property = 'hs_pipeline_stage'
            and histories.value = stages.stage_id
    where histories.property <> 'hs_merged_object_ids'
    union all
    select
        conversation_key,
        account,
        ticket_id,
        created_at as occurred_at,
        {{ epoch_seconds('created_at') }} * 1000 as milliseconds,
        'status' as field,
        'thread open' as new_value,
        0 as number
    from {{ ref('int_hubspot_threads') }}
    where not has_ticket
    union all
    select
        threads.conversation_key,
        threads.account,
        threads.ticket_id,
        found.created_at as occurred_at,
        found.created_ms as milliseconds,
        case found.message_type when 'ASSIGNMENT' then 'member' else 'status' end as field,
        case found.message_type
            when 'ASSIGNMENT' then agents.agent_id
            else 'thread ' || lower(found.new_status)
        end as new_value,
        1 + {{ text_key('found.message_id') }} % 90000 as number
    from {{ ref('stg_hubspot__thread_messages') }} as found
    inner join {{ ref('int_hubspot_threads') }} as threads
        on found.account = threads.account and found.thread_id = threads.thread_id
    left join {{ ref('int_hubspot_agents') }} as agents
        on found.account = agents.account and {{ hubspot_actor_number('found.assigned_to') }} = agents.user_id
    where not threads.has_ticket and found.message_type in ('ASSIGNMENT', 'THREAD_STATUS_CHANGE')

)

select
    conversation_key,
    account,
    ticket_id,
    occurred_at,
    {{ place_in_time('milliseconds', rank_in_moment('change'), 'number') }} as source_order,
    field,
    new_value
from settings
where occurred_at <= {{ as_of() }}
