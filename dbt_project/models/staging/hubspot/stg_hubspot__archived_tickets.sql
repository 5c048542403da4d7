with

landed as (

    select * from {{ source('landing', 'hubspot__archived_tickets') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as ticket_id,
    {{ utc_from_iso(json_text('payload', 'archivedAt')) }} as archived_at
from landed
