with

changes as (

    select
        *,
        lag(priority) over (partition by conversation_id order by changed_at, source_order) as from_priority
    from {{ ref('int_zendesk_priority_changes') }}

)

select
    conversation_id,
    source,
    changed_at,
    source_order,
    from_priority,
    priority
from changes
where priority is not null and from_priority is distinct from priority
