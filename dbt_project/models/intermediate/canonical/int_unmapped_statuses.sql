-- Source statuses without a row in seeds/status_mapping.csv: must be empty (M4), the gate names what is in it. All settings are
-- looked at in every build, not only those of touched conversations.
with

settings as (

    {{ canonical_union('status_changes') }}

)

select
    source,
    source_status,
    count(*) as event_count,
    min(source || ':' || account || ':' || source_conversation_id) as example_conversation_id
from settings
where status is null and source_status is not null
group by source, source_status
