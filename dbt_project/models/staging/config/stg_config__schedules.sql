select
    schedule_id,
    timezone,
    title
from {{ source('config', 'schedules') }}
