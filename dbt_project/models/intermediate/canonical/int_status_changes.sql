-- Canonical status history. Changes to the same status are dropped; unmapped ones stand in int_unmapped_statuses, where the gate
-- stops them.
with

mapped as (

    select
        conversation_id,
        source,
        changed_at,
        source_order,
        status
    from {{ ref('int_zendesk_status_changes') }}
    where status is not null

),

with_previous as (

    select
        *,
        lag(status) over (partition by conversation_id order by changed_at, source_order) as from_status
    from mapped

)

select
    conversation_id,
    source,
    changed_at,
    source_order,
    from_status,
    status
from with_previous
where from_status is distinct from status
