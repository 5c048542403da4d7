-- Zendesk marks a ticket that was merged away with a tag, and that is sure; in which field its history names the other ticket is
-- not documented. A ticket with the tag alone would count as solved (D9).
{{ config(severity='warn') }}
select
    tickets.account,
    tickets.ticket_id
from {{ ref('stg_zendesk__tickets') }} as tickets
left join {{ ref('int_zendesk_merges') }} as known on tickets.conversation_key = known.conversation_key
where
    {{ array_holds('tickets.tags', "'closed_by_merge'") }}
    and tickets.updated_at <= {{ as_of() }}
    and known.conversation_key is null
