-- Zendesk's native durations of a ticket, newest version; they come inside the ticket (sideload metric_sets). Null before the two
-- events that a duration lies between.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_records',
    meta={'stream': 'zendesk__tickets', 'record_column': 'ticket_id', 'has_conversation_key': true}
) }}
with

landed as (

    {{ landed('zendesk__tickets') }}

)

select
    {{ text_key("'zendesk:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as ticket_id,
    {{ zendesk_minutes('reply_time', 'calendar') }} as reply_time_calendar_minutes,
    {{ zendesk_minutes('reply_time', 'business') }} as reply_time_business_minutes,
    {{ zendesk_minutes('first_resolution_time', 'calendar') }} as first_resolution_time_calendar_minutes,
    {{ zendesk_minutes('first_resolution_time', 'business') }} as first_resolution_time_business_minutes,
    {{ zendesk_minutes('full_resolution_time', 'calendar') }} as full_resolution_time_calendar_minutes,
    {{ zendesk_minutes('full_resolution_time', 'business') }} as full_resolution_time_business_minutes,
    {{ zendesk_minutes('requester_wait_time', 'calendar') }} as requester_wait_time_calendar_minutes,
    {{ zendesk_minutes('requester_wait_time', 'business') }} as requester_wait_time_business_minutes,
    cast({{ json_text('payload', 'metric_set.reply_time_in_seconds.calendar') }} as bigint) as reply_time_calendar_seconds,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at
from landed
where {{ json_value('payload', 'metric_set') }} is not null
