-- What came in on a channel on each local day and what became of it: messages have until the end of the day and the wait after it
-- (M7), so a day is not the sum of its hours.
with

run as (

    select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}

),

judged as (

    select
        messages.*,
        days.local_date as day_date,
        {{ message_fate('days.ends_epoch', 'run.as_of_epoch') }} as fate,
        {{ is_viewed_by('days.ends_epoch') }} as is_viewed
    from {{ ref('int_inbound_messages') }} as messages
    cross join run
    inner join {{ ref('int_channel_days') }} as days
        on messages.channel_id = days.channel_id and messages.local_date = days.local_date

),

counted as (

    select
        channel_id,
        day_date,
        {{ volume_counts() }}
    from judged
    group by channel_id, day_date

)

select
    days.channel_id,
    days.local_date as date_day,
    {{ from_epoch_seconds('days.starts_epoch') }} as starts_at,
    days.ends_epoch - days.starts_epoch as local_day_seconds,
    days.ends_epoch - days.starts_epoch <> 86400 as is_clock_change_day,
    {{ volume_columns('days', 'counted') }}
from {{ ref('int_channel_days') }} as days
left join counted on days.channel_id = counted.channel_id and days.local_date = counted.day_date
