-- What Zendesk itself notes of a ticket's metrics: an instance is activated, paused and fulfilled; update_status tells what its
-- clock shows then, in whole minutes. Events that were taken back (a breach under an earlier target) are marked.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_records',
    meta={'stream': 'zendesk__ticket_metric_events', 'record_column': 'metric_event_id', 'has_conversation_key': true}
) }}
with

landed as (

    {{ landed('zendesk__ticket_metric_events') }}

)

select
    {{ text_key("'zendesk:' || account || ':' || " ~ json_text('payload', 'ticket_id')) }} as conversation_key,
    account,
    {{ json_text('payload', 'ticket_id') }} as ticket_id,
    record_id as metric_event_id,
    cast(record_id as bigint) as event_order,
    {{ json_text('payload', 'metric') }} as metric,
    cast({{ json_text('payload', 'instance_id') }} as bigint) as instance_number,
    {{ json_text('payload', 'type') }} as event_type,
    {{ utc_from_iso(json_text('payload', 'time')) }} as occurred_at,
    cast({{ json_text('payload', 'status.calendar') }} as bigint) as spent_calendar_minutes,
    cast({{ json_text('payload', 'status.business') }} as bigint) as spent_business_minutes,
    coalesce(
        cast({{ json_text('payload', 'sla.target_in_seconds') }} as bigint),
        cast({{ json_text('payload', 'sla.target') }} as bigint) * 60
    ) as target_seconds,
    cast({{ json_text('payload', 'sla.business_hours') }} as boolean) as is_target_in_business_hours,
    coalesce(cast({{ json_text('payload', 'deleted') }} as boolean), false) as is_deleted
from landed
