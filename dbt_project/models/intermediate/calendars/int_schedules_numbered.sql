-- A small number for each schedule: the engine joins on it.
select
    schedule_id,
    row_number() over (order by schedule_id) as schedule_number
from {{ ref('stg_config__schedules') }}
