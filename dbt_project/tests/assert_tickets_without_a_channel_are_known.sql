-- A ticket whose way in (via) no channel of config/channels.yaml takes is measured nowhere: say so, and let the build go on.
{{ config(severity='warn') }}
select
    account,
    via_channel,
    count(*) as ticket_count
from {{ ref('int_zendesk_tickets') }}
where channel_id is null
group by account, via_channel
