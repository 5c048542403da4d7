-- Canonical messages of every source: clocks, volumes and marts read these and nothing below.
select * from {{ ref('int_x_messages') }}
union all
select * from {{ ref('int_zendesk_messages') }}
