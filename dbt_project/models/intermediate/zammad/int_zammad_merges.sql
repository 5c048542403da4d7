-- Merges (D9): the child's history names the parent, with the time of the child's last change before; the time of the merge
-- stands in the parent's.
with

history as (

    select * from {{ ref('stg_zammad__ticket_history') }}
    where object = 'Ticket' and created_at <= {{ as_of() }}

),

given_up as (

    select
        account,
        ticket_id,
        max_by(id_to, cast(history_id as bigint)) as parent_ticket_id,
        max(created_at) as changed_at
    from history
    where type = 'merged_into'
    group by account, ticket_id

),

received as (

    select
        account,
        ticket_id,
        id_from as child_ticket_id,
        max(created_at) as merged_at
    from history
    where type = 'received_merge'
    group by account, ticket_id, id_from

)

select
    {{ text_key("'zammad:' || given_up.account || ':' || given_up.ticket_id") }} as conversation_key,
    given_up.parent_ticket_id,
    coalesce(received.merged_at, given_up.changed_at) as merged_at
from given_up
left join received
    on
        given_up.account = received.account
        and given_up.parent_ticket_id = received.ticket_id
        and given_up.ticket_id = received.child_ticket_id
