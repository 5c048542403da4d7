-- What happened to a ticket and to its articles. An article's entries stay with the ticket that it was written in.
with

landed as (

    select * from {{ source('landing', 'zammad__ticket_history') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as history_id,
    case
        when {{ json_text('payload', 'object') }} = 'Ticket' then {{ json_text('payload', 'o_id') }}
        else {{ json_text('payload', 'related_o_id') }}
    end as ticket_id,
    {{ json_text('payload', 'object') }} as object,
    {{ json_text('payload', 'o_id') }} as object_id,
    {{ json_text('payload', 'type') }} as type,
    {{ json_text('payload', 'attribute') }} as attribute,
    {{ json_text('payload', 'id_from') }} as id_from,
    {{ json_text('payload', 'id_to') }} as id_to,
    {{ json_text('payload', 'value_from') }} as value_from,
    {{ json_text('payload', 'value_to') }} as value_to,
    {{ json_text('payload', 'created_by_id') }} as created_by_id,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    {{ epoch_ms_from_iso(json_text('payload', 'created_at')) }} as created_ms
from landed
