-- Opening and resolving are told by events, to the second. Snoozing, pending, assignments and priorities are seen in the landed
-- versions, at the conversation's last activity: each of them leaves a line in it. What changed twice between two landings is
-- seen once.
with

versions as (

    select * from {{ ref('stg_chatwoot__conversations') }}
    where last_activity_at <= {{ as_of() }}

),

told as (

    select
        conversation_key,
        account,
        conversation_number as ticket_id,
        ended_at as occurred_at,
        case name when 'conversation_resolved' then 'resolved' else 'open' end as new_value,
        cast(event_id as bigint) % 10000 as number
    from {{ ref('stg_chatwoot__reporting_events') }}
    where name in ('conversation_opened', 'conversation_resolved', 'conversation_bot_handoff')

),

first_told as (

    select
        conversation_key,
        min_by(new_value, occurred_at) as first_value
    from told
    group by conversation_key

),

-- What was opened later was not open at first: a bot had it.
begun as (

    select
        versions.conversation_key,
        versions.account,
        versions.conversation_number as ticket_id,
        versions.created_at as occurred_at,
        case
            when first_told.first_value = 'open' then 'pending'
            when first_told.first_value is null and versions.source_status = 'pending' then 'pending'
            else 'open'
        end as new_value
    from versions
    left join first_told on versions.conversation_key = first_told.conversation_key
    where versions.version_number = 1

),

settings as (

    select
        conversation_key,
        account,
        ticket_id,
        occurred_at,
        'status' as field,
        new_value,
        10 as number
    from begun
    union all
    select
        conversation_key,
        account,
        ticket_id,
        occurred_at,
        'status' as field,
        new_value,
        100 + number as number
    from told
    union all
    select
        conversation_key,
        account,
        conversation_number as ticket_id,
        last_activity_at as occurred_at,
        'status' as field,
        source_status as new_value,
        90000 as number
    from versions
    union all
    select
        conversation_key,
        account,
        conversation_number as ticket_id,
        case when version_number = 1 then created_at else last_activity_at end as occurred_at,
        'priority' as field,
        priority as new_value,
        90001 as number
    from versions
    union all
    select
        conversation_key,
        account,
        conversation_number as ticket_id,
        last_activity_at as occurred_at,
        'team' as field,
        team_id as new_value,
        90002 as number
    from versions
    union all
    select
        conversation_key,
        account,
        conversation_number as ticket_id,
        last_activity_at as occurred_at,
        'member' as field,
        assignee_id as new_value,
        90003 as number
    from versions

)

select
    conversation_key,
    account,
    ticket_id,
    occurred_at,
    {{ place_in_time(epoch_seconds('occurred_at') ~ ' * 1000', rank_in_moment('change'), 'number') }} as source_order,
    field,
    new_value
from settings
where occurred_at <= {{ as_of() }}
