-- The statuses that a ticket stood in, in the vendor's words and with what a merge did to it: the vendor counts both (ours:
-- int_status_changes).
{{ config(database='working') }}
select
    conversation_key,
    source_order,
    new_value as status,
    lag(new_value) over chronological as previous_status,
    {{ epoch_seconds('occurred_at') }} as from_epoch,
    lead({{ epoch_seconds('occurred_at') }}) over chronological as to_epoch
from {{ ref('stg_zendesk__ticket_field_changes') }}
where
    field = 'status'
    and occurred_at <= {{ as_of() }}
    and {{ is_touched('conversation_key') }}
window chronological as (partition by conversation_key order by occurred_at, source_order)
