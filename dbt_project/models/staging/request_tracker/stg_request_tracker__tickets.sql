-- sla_level, due_at and starts_at are Request Tracker's own SLA figures: none of ours is made from them.
with

landed as (

    select * from {{ source('landing', 'request_tracker__tickets') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'request_tracker:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as ticket_id,
    coalesce({{ json_text('payload', 'EffectiveId.id') }}, {{ json_text('payload', 'EffectiveId') }}) as effective_ticket_id,
    {{ request_tracker_text('Subject') }} as subject,
    {{ json_text('payload', 'Status') }} as source_status,
    {{ json_text('payload', 'Queue.id') }} as queue_id,
    {{ json_text('payload', 'Owner.id') }} as owner_id,
    {{ json_text('payload', 'Creator.id') }} as creator_id,
    {{ json_texts_of('payload', 'Requestor', 'id') }} as requestor_ids,
    cast({{ request_tracker_text('Priority') }} as bigint) as priority_number,
    {{ request_tracker_text('SLA') }} as sla_level,
    {{ request_tracker_time('Due') }} as due_at,
    {{ request_tracker_time('Starts') }} as starts_at,
    {{ request_tracker_time('Started') }} as started_at,
    {{ request_tracker_time('Resolved') }} as resolved_at,
    {{ request_tracker_time('Told') }} as told_at,
    {{ utc_from_iso(json_text('payload', 'Created')) }} as created_at,
    {{ utc_from_iso(json_text('payload', 'LastUpdated')) }} as updated_at
from landed
