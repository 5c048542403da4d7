-- Every landed version is kept: they are all that shows assignments, priorities and the statuses that leave no event.
-- vendor_*: Chatwoot's own SLA figures (Enterprise), for comparison.
with

landed as (

    select * from {{ source('landing', 'chatwoot__conversations') }}
    {{ newest_version(['account', 'record_id', 'record_updated_at']) }}

)

select
    {{ text_key("'chatwoot:' || account || ':' || record_id") }} as conversation_key,
    account,
    record_id as conversation_number,
    row_number() over (partition by account, record_id order by record_updated_at) as version_number,
    {{ json_text('payload', 'inbox_id') }} as inbox_id,
    {{ json_text('payload', 'meta.channel') }} as channel_type,
    {{ json_text('payload', 'meta.sender.id') }} as contact_id,
    coalesce(cast({{ json_text('payload', 'meta.sender.blocked') }} as boolean), false) as is_blocked,
    {{ json_text('payload', 'meta.assignee.id') }} as assignee_id,
    {{ json_text('payload', 'meta.team.id') }} as team_id,
    {{ json_text('payload', 'status') }} as source_status,
    {{ json_text('payload', 'priority') }} as priority,
    {{ json_texts('payload', 'labels') }} as labels,
    {{ utc_from_epoch(json_text('payload', 'created_at')) }} as created_at,
    {{ utc_from_epoch(json_text('payload', 'last_activity_at')) }} as last_activity_at,
    {{ utc_from_epoch("nullif(" ~ json_text('payload', 'agent_last_seen_at') ~ ", '0')") }} as agent_last_seen_at,
    {{ utc_from_epoch("nullif(" ~ json_text('payload', 'first_reply_created_at') ~ ", '0')") }} as vendor_first_response_at,
    {{ json_text('payload', 'applied_sla.sla_status') }} as vendor_sla_status,
    cast({{ json_text('payload', 'applied_sla.sla_first_response_time_threshold') }} as double)
        as vendor_first_response_target_seconds,
    cast({{ json_text('payload', 'applied_sla.sla_next_response_time_threshold') }} as double)
        as vendor_next_response_target_seconds,
    cast({{ json_text('payload', 'applied_sla.sla_resolution_time_threshold') }} as double)
        as vendor_resolution_target_seconds
from landed
