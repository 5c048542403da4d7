-- A field that an activity of a day's file sets. Times are written as 28-02-2026 08:29:21 +0000.
with

landed as (

    select * from {{ source('landing', 'freshdesk__ticket_activities') }}
    {{ newest_version(['account', 'record_id']) }}

),

parsed as (

    select
        account,
        record_id as activity_id,
        {{ json_text('payload', 'ticket_id') }} as ticket_id,
        cast({{ json_text('payload', 'file_row') }} as bigint) as file_row,
        {{ json_value('payload', 'activity') }} as activity,
        {{ json_text('payload', 'performed_at') }} as performed_at
    from landed

),

fields as (

    select
        parsed.*,
        keys.element as field
    from parsed
    cross join {{ json_keys_of('parsed.activity', ['status', 'priority', 'group', 'agent_id'], 'keys') }}

)

select
    {{ text_key("'freshdesk:' || account || ':' || ticket_id") }} as conversation_key,
    account,
    ticket_id,
    activity_id,
    file_row,
    field,
    {{ json_text_under('activity', 'field') }} as new_value,
    {{ utc_from_iso(
        "substr(performed_at, 7, 4) || '-' || substr(performed_at, 4, 2) || '-' || substr(performed_at, 1, 2)"
        ~ " || 'T' || substr(performed_at, 12, 8) || substr(performed_at, 21, 3) || ':' || substr(performed_at, 24, 2)"
    ) }} as occurred_at
from fields
