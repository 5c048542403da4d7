-- Every landed version is kept, not only the newest: without the export of activities they are all that shows what a ticket was.
-- vendor_*: Freshdesk's own SLA figures, for comparison.
with

landed as (

    select * from {{ source('landing', 'freshdesk__tickets') }}
    {{ newest_version(['account', 'record_id', 'record_updated_at']) }}

)

select
    {{ text_key("'freshdesk:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as ticket_id,
    row_number() over (partition by account, record_id order by record_updated_at) as version_number,
    {{ freshdesk_way_in(json_text('payload', 'source')) }} as way_in,
    {{ json_text('payload', 'subject') }} as subject,
    left(lower(trim(coalesce({{ json_text('payload', 'description_text') }}, ''))), 200) as text_start,
    {{ json_text('payload', 'status') }} as source_status,
    {{ freshdesk_priority(json_text('payload', 'priority')) }} as priority,
    {{ json_text('payload', 'requester_id') }} as requester_id,
    {{ json_text('payload', 'responder_id') }} as responder_id,
    {{ json_text('payload', 'group_id') }} as group_id,
    {{ json_texts('payload', 'tags') }} as tags,
    coalesce(cast({{ json_text('payload', 'spam') }} as boolean), false) as is_spam,
    coalesce(cast({{ json_text('payload', 'deleted') }} as boolean), false) as is_deleted,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    {{ utc_from_iso(json_text('payload', 'updated_at')) }} as updated_at,
    {{ utc_from_iso(json_text('payload', 'stats.status_updated_at')) }} as status_updated_at,
    {{ utc_from_iso(json_text('payload', 'stats.reopened_at')) }} as reopened_at,
    {{ utc_from_iso(json_text('payload', 'stats.resolved_at')) }} as resolved_at,
    {{ utc_from_iso(json_text('payload', 'stats.closed_at')) }} as closed_at,
    {{ utc_from_iso(json_text('payload', 'fr_due_by')) }} as vendor_first_response_due_at,
    {{ utc_from_iso(json_text('payload', 'stats.first_responded_at')) }} as vendor_first_response_at,
    coalesce(cast({{ json_text('payload', 'fr_escalated') }} as boolean), false) as vendor_is_first_response_late,
    {{ utc_from_iso(json_text('payload', 'due_by')) }} as vendor_resolution_due_at,
    coalesce(cast({{ json_text('payload', 'is_escalated') }} as boolean), false) as vendor_is_resolution_late
from landed
