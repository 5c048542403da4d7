-- What is known of statuses, priorities and assignments: from the exported activities for the time that they cover, and from
-- the landed versions of tickets before and after. A version shows what stood when it was landed; the times of its last status,
-- of the last solving, closing and reopening are exact; changes between two landings leave no trace.
with

versions as (

    select * from {{ ref('stg_freshdesk__tickets') }}
    where updated_at <= {{ as_of() }}

),

activities as (

    select * from {{ ref('stg_freshdesk__ticket_activities') }}
    where occurred_at <= {{ as_of() }}

),

covered as (

    select
        account,
        min(occurred_at) as from_at,
        max(occurred_at) as to_at
    from activities
    group by account

),

status_names as (

    select
        account,
        name,
        min(status_number) as status_number
    from {{ ref('stg_freshdesk__statuses') }}
    group by account, name

),

group_names as (

    select
        account,
        name,
        min(group_id) as group_id
    from {{ ref('stg_freshdesk__groups') }}
    group by account, name

),

told as (

    select
        activities.conversation_key,
        activities.account,
        activities.ticket_id,
        activities.occurred_at,
        case activities.field when 'group' then 'team' when 'agent_id' then 'member' else activities.field end as field,
        case activities.field
            when 'status' then coalesce(status_names.status_number, activities.new_value)
            when 'priority' then {{ freshdesk_priority('activities.new_value') }}
            when 'group' then coalesce(group_names.group_id, activities.new_value)
            else activities.new_value
        end as new_value,
        activities.file_row * 4
        + case activities.field when 'status' then 0 when 'priority' then 1 when 'group' then 2 else 3 end as number
    from activities
    left join status_names
        on activities.account = status_names.account and activities.new_value = status_names.name and activities.field = 'status'
    left join group_names
        on activities.account = group_names.account and activities.new_value = group_names.name and activities.field = 'group'

),

-- How sure each is: what the version says of itself comes before what its times let us conclude.
seen_statuses as (

    select
        conversation_key,
        account,
        ticket_id,
        coalesce(status_updated_at, updated_at) as occurred_at,
        source_status as new_value,
        0 as doubt
    from versions
    union all
    select
        conversation_key,
        account,
        ticket_id,
        closed_at as occurred_at,
        '5' as new_value,
        1 as doubt
    from versions
    where closed_at is not null
    union all
    select
        conversation_key,
        account,
        ticket_id,
        resolved_at as occurred_at,
        '4' as new_value,
        2 as doubt
    from versions
    where resolved_at is not null
    union all
    select
        conversation_key,
        account,
        ticket_id,
        reopened_at as occurred_at,
        '2' as new_value,
        2 as doubt
    from versions
    where reopened_at is not null
    union all
    -- Tickets begin as open unless something else is known of that very second.
    select
        conversation_key,
        account,
        ticket_id,
        created_at as occurred_at,
        '2' as new_value,
        3 as doubt
    from versions
    where version_number = 1

),

seen as (

    select
        conversation_key,
        account,
        ticket_id,
        occurred_at,
        'status' as field,
        new_value,
        0 as number
    from (
        select *
        from seen_statuses
        qualify row_number() over (partition by conversation_key, occurred_at order by doubt, new_value) = 1
    ) as surest
    union all
    -- What a ticket's first version has is taken as its first priority: most are set when it is made.
    select
        conversation_key,
        account,
        ticket_id,
        case when version_number = 1 then created_at else updated_at end as occurred_at,
        'priority' as field,
        priority as new_value,
        1 as number
    from versions
    union all
    select
        conversation_key,
        account,
        ticket_id,
        updated_at as occurred_at,
        'team' as field,
        group_id as new_value,
        2 as number
    from versions
    union all
    select
        conversation_key,
        account,
        ticket_id,
        updated_at as occurred_at,
        'member' as field,
        responder_id as new_value,
        3 as number
    from versions

),

known as (

    select * from told
    union all
    select seen.*
    from seen
    left join covered on seen.account = covered.account
    where covered.account is null or seen.occurred_at < covered.from_at or seen.occurred_at > covered.to_at

)

select
    conversation_key,
    account,
    ticket_id,
    occurred_at,
    {{ place_in_time(epoch_seconds('occurred_at') ~ ' * 1000', rank_in_moment('change'), 'number') }} as source_order,
    field,
    new_value
from known
