with

landed as (

    select * from {{ source('landing', 'hubspot__threads') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as thread_id,
    {{ hubspot_way_in(json_text('payload', 'originalChannelId')) }} as way_in,
    {{ json_text('payload', 'associatedContactId') }} as contact_id,
    {{ json_text('payload', 'threadAssociations.associatedTicketId') }} as ticket_id,
    {{ json_text('payload', 'status') }} as source_status,
    {{ json_text('payload', 'assignedTo') }} as assigned_to,
    coalesce(cast({{ json_text('payload', 'spam') }} as boolean), false) as is_spam,
    {{ utc_from_iso(json_text('payload', 'createdAt')) }} as created_at,
    {{ utc_from_iso(json_text('payload', 'closedAt')) }} as closed_at,
    {{ utc_from_iso(json_text('payload', 'changed_at')) }} as changed_at
from landed
