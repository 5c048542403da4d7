-- A thread in the bin; nothing says since when. It is taken for deleted since the first day that showed it there.
select
    account,
    record_id as thread_id,
    cast(date_trunc('second', min(record_updated_at)) as timestamp) as archived_at
from {{ source('landing', 'hubspot__archived_threads') }}
group by account, record_id
