-- Every setting of a ticket's status, priority, queue and owner. Creating a ticket sets them too, but its transaction does not
-- say to what: to what the first change says that it was before, and without a change to what the ticket shows.
with

transactions as (

    select * from {{ ref('stg_request_tracker__transactions') }}

),

changes as (

    select
        conversation_key,
        account,
        ticket_id,
        transaction_number,
        lower(field) as field,
        old_value,
        new_value,
        occurred_at
    from transactions
    where
        (field = 'Status' and transaction_type in ('Status', 'Set'))
        or (field in ('Priority', 'Queue') and transaction_type = 'Set')
        -- Each change of the owner comes a second time, as one of the ticket's watchers.
        or (field = 'Owner' and transaction_type <> 'SetWatcher')

),

creations as (

    select
        tickets.conversation_key,
        tickets.account,
        tickets.ticket_id,
        coalesce(min(transactions.transaction_number), 0) as transaction_number,
        coalesce(min(transactions.occurred_at), min(tickets.created_at)) as occurred_at,
        min(tickets.source_status) as source_status,
        min(tickets.priority_number) as priority_number,
        min(tickets.queue_id) as queue_id,
        min(tickets.owner_id) as owner_id
    from {{ ref('stg_request_tracker__tickets') }} as tickets
    left join transactions
        on tickets.conversation_key = transactions.conversation_key and transactions.transaction_type = 'Create'
    group by tickets.conversation_key, tickets.account, tickets.ticket_id

),

first_changes as (

    select
        conversation_key,
        field,
        old_value
    from changes
    qualify row_number() over (partition by conversation_key, field order by transaction_number) = 1

),

creation_settings as (

    select
        creations.conversation_key,
        creations.account,
        creations.ticket_id,
        creations.transaction_number,
        creations.occurred_at,
        fields.field,
        case
            when first_changes.conversation_key is not null then first_changes.old_value
            when fields.field = 'status' then creations.source_status
            when fields.field = 'priority' then cast(creations.priority_number as varchar)
            when fields.field = 'queue' then creations.queue_id
            else creations.owner_id
        end as new_value,
        fields.number
    from creations
    cross join (values ('status', 1), ('priority', 2), ('queue', 3), ('owner', 4)) as fields (field, number)
    left join first_changes
        on creations.conversation_key = first_changes.conversation_key and fields.field = first_changes.field

),

settings as (

    select * from creation_settings
    union all
    select
        conversation_key,
        account,
        ticket_id,
        transaction_number,
        occurred_at,
        field,
        new_value,
        0 as number
    from changes

),

nobody as (

    select distinct
        account,
        user_id
    from {{ ref('stg_request_tracker__staff') }}
    where is_nobody

)

select
    settings.conversation_key,
    settings.account,
    settings.ticket_id,
    settings.field,
    case when settings.field <> 'owner' or nobody.user_id is null then settings.new_value end as new_value,
    settings.occurred_at,
    {{ place_in_time('settings.transaction_number', rank_in_moment('change'), 'settings.number') }} as source_order,
    settings.number > 0 as is_creation
from settings
left join nobody on settings.account = nobody.account and settings.new_value = nobody.user_id
where settings.occurred_at <= {{ as_of() }}
