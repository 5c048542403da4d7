-- Every setting of state, priority, group and owner. A ticket's first values are what its first change replaced, or what it has.
with

fields as (

    select
        account,
        ticket_id,
        case attribute when 'state' then 'status' when 'group' then 'team' when 'owner' then 'member' else attribute end as field,
        id_from,
        id_to,
        created_at,
        created_ms,
        created_by_id,
        cast(history_id as bigint) as number
    from {{ ref('stg_zammad__ticket_history') }}
    where object = 'Ticket' and type = 'updated' and attribute in ('state', 'priority', 'group', 'owner')

),

-- A reply that also solves is one step for the agent; Zammad writes the state a moment before the reply. It is put to the
-- reply, so that the second between them parts nothing (D14).
written as (

    select
        account,
        ticket_id,
        created_by_id,
        created_at,
        created_ms
    from {{ ref('stg_zammad__ticket_articles') }}

),

changes as (

    select
        fields.account,
        fields.ticket_id,
        fields.field,
        fields.id_to as value_id,
        fields.number,
        coalesce(min(written.created_at), min(fields.created_at)) as occurred_at
    from fields
    left join written
        on
            fields.account = written.account
            and fields.ticket_id = written.ticket_id
            and fields.created_by_id = written.created_by_id
            and written.created_ms between fields.created_ms and fields.created_ms + 3000
    group by fields.account, fields.ticket_id, fields.field, fields.id_to, fields.number

),

firsts as (

    select
        account,
        ticket_id,
        field,
        id_from
    from fields
    qualify row_number() over (partition by account, ticket_id, field order by number) = 1

),

today as (

    select
        account,
        ticket_id,
        'status' as field,
        state_id as value_id,
        0 as number,
        created_at
    from {{ ref('stg_zammad__tickets') }}
    union all
    select
        account,
        ticket_id,
        'priority' as field,
        priority_id as value_id,
        1 as number,
        created_at
    from {{ ref('stg_zammad__tickets') }}
    union all
    select
        account,
        ticket_id,
        'team' as field,
        group_id as value_id,
        2 as number,
        created_at
    from {{ ref('stg_zammad__tickets') }}
    union all
    select
        account,
        ticket_id,
        'member' as field,
        owner_id as value_id,
        3 as number,
        created_at
    from {{ ref('stg_zammad__tickets') }}

),

settings as (

    select
        today.account,
        today.ticket_id,
        today.field,
        case when firsts.field is null then today.value_id else firsts.id_from end as value_id,
        today.number,
        today.created_at as occurred_at
    from today
    left join firsts
        on today.account = firsts.account and today.ticket_id = firsts.ticket_id and today.field = firsts.field
    union all
    select
        account,
        ticket_id,
        field,
        value_id,
        number,
        occurred_at
    from changes

)

select
    {{ text_key("'zammad:' || settings.account || ':' || settings.ticket_id") }} as conversation_key,
    settings.account,
    settings.ticket_id,
    settings.occurred_at,
    {{ place_in_time(epoch_seconds('settings.occurred_at') ~ ' * 1000', rank_in_moment('change'), 'settings.number') }}
        as source_order,
    settings.field,
    case settings.field
        when 'status' then coalesce(states.state_type, 'state ' || settings.value_id)
        when 'priority' then priorities.priority
        -- User 1 is Zammad itself: nobody.
        when 'member' then nullif(settings.value_id, '1')
        else settings.value_id
    end as new_value
from settings
left join {{ ref('stg_zammad__ticket_states') }} as states
    on settings.account = states.account and settings.field = 'status' and settings.value_id = states.state_id
left join {{ ref('stg_zammad__ticket_priorities') }} as priorities
    on settings.account = priorities.account and settings.field = 'priority' and settings.value_id = priorities.priority_id
where settings.occurred_at <= {{ as_of() }}
