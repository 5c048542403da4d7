select
    schedule_id,
    local_date,
    day_number,
    opens_at,
    open_seconds,
    open_seconds_before
from {{ source('config', 'schedule_days') }}
