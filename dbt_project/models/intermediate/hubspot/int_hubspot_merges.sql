-- Merges (D9): the parent's list of merged tickets, with when each came in. Semicolons part the numbers.
with

lists as (

    select
        account,
        ticket_id as parent_ticket_id,
        set_at,
        unnest({{ text_parts('value', ';') }}) as child_ticket_id
    from {{ ref('stg_hubspot__ticket_histories') }}
    where property = 'hs_merged_object_ids' and coalesce(value, '') <> '' and set_at <= {{ as_of() }}

)

select
    account,
    child_ticket_id,
    min_by(parent_ticket_id, set_at) as parent_ticket_id,
    min(set_at) as merged_at
from lists
where child_ticket_id <> parent_ticket_id
group by account, child_ticket_id
