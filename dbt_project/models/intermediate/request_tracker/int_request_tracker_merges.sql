-- Merges of tickets (D9): the link stands in the histories of both, and names the parent.
with

links as (

    select
        *,
        split_part(new_value, '/ticket/', 2) as parent_ticket_id
    from {{ ref('stg_request_tracker__transactions') }}
    where transaction_type = 'AddLink' and field = 'MergedInto' and occurred_at <= {{ as_of() }}

)

select
    conversation_key,
    account,
    ticket_id,
    parent_ticket_id,
    occurred_at as merged_at
from links
where parent_ticket_id <> ticket_id and parent_ticket_id <> ''
qualify row_number() over (partition by conversation_key order by transaction_number desc) = 1
