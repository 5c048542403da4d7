select
    intervals.schedule_id,
    schedules.timezone,
    intervals.local_date,
    intervals.opens_at,
    intervals.closes_at
from {{ ref('stg_config__schedule_intervals') }} as intervals
inner join {{ ref('stg_config__schedules') }} as schedules on intervals.schedule_id = schedules.schedule_id
