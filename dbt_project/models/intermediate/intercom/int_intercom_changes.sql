-- Parts tell every change of state and every assignment; priorities are seen in the landed versions. A version's state is set
-- beside, for what a kind of part that is not known here may have done.
with

settings as (

    select
        conversation_key,
        account,
        ticket_id,
        created_at as occurred_at,
        'status' as field,
        case way_in when 'ticket' then 'submitted' else 'open' end as new_value,
        0 as number
    from {{ ref('int_intercom_versions') }}
    where version_number = 1
    union all
    select
        conversation_key,
        account,
        ticket_id,
        created_at as occurred_at,
        'status' as field,
        case
            when ticket_state is not null then ticket_state
            when part_type in ('open', 'unsnoozed', 'timer_unsnooze', 'assign_and_unsnooze') or part_type like '%_and_reopen'
                then 'open'
            when part_type = 'close' then 'closed'
            else part_type
        end as new_value,
        number % 90000 + 1 as number
    from {{ ref('int_intercom_parts') }}
    where
        part_type in ('open', 'unsnoozed', 'timer_unsnooze', 'assign_and_unsnooze', 'close', 'snoozed')
        or part_type like '%_and_reopen'
        or ticket_state is not null
    union all
    select
        conversation_key,
        account,
        ticket_id,
        updated_at as occurred_at,
        'status' as field,
        source_status as new_value,
        99990 as number
    from {{ ref('int_intercom_versions') }}
    union all
    select
        conversation_key,
        account,
        ticket_id,
        case when version_number = 1 then created_at else updated_at end as occurred_at,
        'priority' as field,
        priority as new_value,
        99991 as number
    from {{ ref('int_intercom_versions') }}
    union all
    select
        conversation_key,
        account,
        ticket_id,
        created_at as occurred_at,
        case assigned_to_type when 'team' then 'team' else 'member' end as field,
        assigned_to_id as new_value,
        number % 90000 + 1 as number
    from {{ ref('int_intercom_parts') }}
    where assigned_to_type is not null
    union all
    select
        conversation_key,
        account,
        ticket_id,
        updated_at as occurred_at,
        'team' as field,
        team_id as new_value,
        99992 as number
    from {{ ref('int_intercom_versions') }}
    union all
    select
        conversation_key,
        account,
        ticket_id,
        updated_at as occurred_at,
        'member' as field,
        admin_id as new_value,
        99993 as number
    from {{ ref('int_intercom_versions') }}

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
