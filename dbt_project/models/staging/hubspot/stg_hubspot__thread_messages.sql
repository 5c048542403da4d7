with

landed as (

    select * from {{ source('landing', 'hubspot__thread_messages') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as message_id,
    coalesce({{ json_text('payload', 'thread_id') }}, {{ json_text('payload', 'conversationsThreadId') }}) as thread_id,
    {{ json_text('payload', 'type') }} as message_type,
    {{ json_text('payload', 'direction') }} as direction,
    {{ json_text('payload', 'createdBy') }} as created_by,
    {{ json_text('payload', 'client.clientType') }} as client_type,
    coalesce({{ json_text('payload', 'status.statusType') }}, '') <> 'FAILED' as is_delivered,
    {{ json_text('payload', 'newStatus') }} as new_status,
    {{ json_text('payload', 'assignedTo') }} as assigned_to,
    {{ json_text('payload', 'inReplyToId') }} as in_reply_to_message_id,
    left(lower(trim(coalesce({{ json_text('payload', 'text') }}, ''))), 200) as text_start,
    {{ json_text('payload', 'subject') }} as subject,
    {{ utc_from_iso(json_text('payload', 'createdAt')) }} as created_at,
    {{ epoch_ms_from_iso(json_text('payload', 'createdAt')) }} as created_ms,
    case
        when {{ json_text('payload', 'archived') }} = 'true'
            then coalesce(
                {{ utc_from_iso(json_text('payload', 'updatedAt')) }},
                {{ utc_from_iso(json_text('payload', 'createdAt')) }}
            )
    end as deleted_at
from landed
