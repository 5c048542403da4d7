select
    schedule_id,
    interval_number,
    local_date,
    opens_at,
    closes_at,
    open_seconds_before
from {{ source('config', 'schedule_intervals') }}
