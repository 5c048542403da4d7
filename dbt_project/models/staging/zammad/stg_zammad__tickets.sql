-- vendor_*: Zammad's own SLA figures, for comparison.
with

landed as (

    select * from {{ source('landing', 'zammad__tickets') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'zammad:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as ticket_id,
    {{ json_text('payload', 'create_article_type') }} as way_in,
    {{ json_text('payload', 'title') }} as subject,
    {{ json_text('payload', 'state_id') }} as state_id,
    {{ json_text('payload', 'priority_id') }} as priority_id,
    {{ json_text('payload', 'group_id') }} as group_id,
    {{ json_text('payload', 'owner_id') }} as owner_id,
    {{ json_text('payload', 'customer_id') }} as customer_id,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    {{ utc_from_iso(json_text('payload', 'updated_at')) }} as updated_at,
    {{ utc_from_iso(json_text('payload', 'first_response_escalation_at')) }} as vendor_first_response_due_at,
    {{ utc_from_iso(json_text('payload', 'first_response_at')) }} as vendor_first_response_at,
    cast({{ json_text('payload', 'first_response_diff_in_min') }} as integer) as vendor_first_response_minutes_left,
    {{ utc_from_iso(json_text('payload', 'update_escalation_at')) }} as vendor_update_due_at,
    {{ utc_from_iso(json_text('payload', 'close_escalation_at')) }} as vendor_close_due_at,
    {{ utc_from_iso(json_text('payload', 'close_at')) }} as vendor_first_closed_at,
    {{ utc_from_iso(json_text('payload', 'escalation_at')) }} as vendor_next_due_at
from landed
