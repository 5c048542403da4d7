-- Which month of a time zone a UTC day lies in; a day that two months share has both. An instant finds its month by an equal join
-- and one comparison.
with

zones as (

    select distinct
        timezone,
        timezone_number
    from {{ ref('int_clock_goals') }}

),

periods as (

    select
        zones.timezone_number,
        periods.period,
        {{ epoch_seconds('periods.starts_at') }} as starts_epoch,
        {{ epoch_seconds('periods.ends_at') }} as ends_epoch
    from {{ ref('stg_config__periods') }} as periods
    inner join zones on periods.timezone = zones.timezone

)

select
    periods.timezone_number,
    periods.period,
    periods.starts_epoch,
    periods.ends_epoch,
    days.number as day_number
from periods
cross join {{ whole_numbers(whole_days('periods.starts_epoch'), whole_days('periods.ends_epoch - 1'), 'days') }}
