-- Source statuses without a row in seeds/status_mapping.csv: must be empty (M4), the gate names what is in it.
select
    source,
    source_status,
    count(*) as event_count,
    min(conversation_id) as example_conversation_id
from {{ ref('int_zendesk_status_changes') }}
where status is null and source_status is not null
group by source, source_status
