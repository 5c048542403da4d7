-- vendor_*: HubSpot's own SLA figures, for comparison.
with

landed as (

    select * from {{ source('landing', 'hubspot__tickets') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'hubspot:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as ticket_id,
    lower({{ json_text('payload', 'properties.source_type') }}) as source_type,
    {{ json_text('payload', 'properties.subject') }} as subject,
    {{ json_text('payload', 'properties.hs_pipeline_stage') }} as stage_id,
    lower({{ json_text('payload', 'properties.hs_ticket_priority') }}) as priority,
    {{ json_text('payload', 'properties.hubspot_owner_id') }} as owner_id,
    {{ json_text('payload', 'properties.hubspot_team_id') }} as team_id,
    {{ json_text('payload', 'properties.hs_tag_ids') }} as tag_ids,
    {{ utc_from_iso(json_text('payload', 'createdAt')) }} as created_at,
    {{ utc_from_iso(json_text('payload', 'updatedAt')) }} as updated_at,
    {{ utc_from_iso(json_text('payload', 'properties.first_agent_reply_date')) }} as vendor_first_response_at,
    cast({{ json_text('payload', 'properties.time_to_first_agent_reply') }} as bigint) as vendor_first_response_milliseconds,
    cast({{ json_text('payload', 'properties.hs_time_to_first_response_in_operating_hours') }} as bigint)
        as vendor_first_response_open_milliseconds,
    {{ utc_from_iso(json_text('payload', 'properties.hs_time_to_first_response_sla_at')) }} as vendor_first_response_due_at,
    {{ json_text('payload', 'properties.hs_time_to_first_response_sla_status') }} as vendor_first_response_status,
    {{ utc_from_iso(json_text('payload', 'properties.hs_time_to_next_response_sla_at')) }} as vendor_next_response_due_at,
    {{ json_text('payload', 'properties.hs_time_to_next_response_sla_status') }} as vendor_next_response_status,
    {{ utc_from_iso(json_text('payload', 'properties.hs_time_to_close_sla_at')) }} as vendor_close_due_at,
    {{ json_text('payload', 'properties.hs_time_to_close_sla_status') }} as vendor_close_status,
    {{ utc_from_iso(json_text('payload', 'properties.closed_date')) }} as vendor_closed_at
from landed
