-- The scheduled days by every 86,400 seconds of open time that they touch: a position finds its day by an equal join.
select
    days.*,
    buckets.number as position_bucket
from {{ ref('int_schedule_days_numbered') }} as days
cross join {{ whole_numbers(
    whole_days('days.open_seconds_before'), whole_days('days.open_seconds_before + days.open_seconds - 1'), 'buckets'
) }}
