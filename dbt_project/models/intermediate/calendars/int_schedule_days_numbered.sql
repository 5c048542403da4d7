-- The scheduled days of each schedule: those with open time, counted (D13).
select
    numbered.schedule_number,
    days.day_number,
    days.open_seconds_before,
    days.open_seconds
from {{ ref('stg_config__schedule_days') }} as days
inner join {{ ref('int_schedules_numbered') }} as numbered on days.schedule_id = numbered.schedule_id
where days.open_seconds > 0
