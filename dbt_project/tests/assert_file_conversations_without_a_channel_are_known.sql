-- A conversation from files whose channel no channel of config/channels.yaml takes is measured nowhere: say so, and let the build
-- go on.
{{ config(severity='warn', enabled='files' in env_var('SOCIAL_SLA_SOURCES', 'files')) }}
select
    account,
    way_in as channel,
    count(*) as conversation_count
from {{ ref('int_files_tickets') }}
where channel_id is null
group by account, way_in
