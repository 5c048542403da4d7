with

landed as (

    select * from {{ source('landing', 'zendesk__ticket_events') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as event_id,
    cast(record_id as bigint) as source_order,
    {{ json_text('payload', 'ticket_id') }} as ticket_id,
    {{ json_text('payload', 'updater_id') }} as updater_id,
    {{ json_text('payload', 'via') }} as via,
    {{ utc_from_epoch(json_text('payload', 'timestamp')) }} as occurred_at,
    {{ json_value('payload', 'child_events') }} as child_events
from landed
