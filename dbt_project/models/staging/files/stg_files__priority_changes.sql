with

landed as (

    select * from {{ source('landing', 'files__priority_changes') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    {{ text_key("'files:' || account || ':' || " ~ json_text('payload', 'conversation_id')) }} as conversation_key,
    account,
    {{ json_text('payload', 'conversation_id') }} as conversation_id,
    record_id as change_id,
    {{ json_text('payload', 'priority') }} as priority,
    cast({{ json_text('payload', 'sequence') }} as bigint) as sequence,
    {{ utc_from_iso(json_text('payload', 'changed_at')) }} as changed_at,
    {{ epoch_ms_from_iso(json_text('payload', 'changed_at')) }} as milliseconds,
    coalesce(cast({{ json_text('payload', 'is_deleted') }} as boolean), false) as is_deleted
from landed
