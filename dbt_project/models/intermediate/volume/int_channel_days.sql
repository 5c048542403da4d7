-- The local days of each channel from its first message on up to as_of, with where they begin and end: a day on which the clocks
-- change has the hours that it really has (M10).
with

spans as (

    select
        channels.channel_id,
        channels.timezone,
        {{ has_views('channels.source') }} as has_views,
        -- The hour of the first message may have begun on the local day before.
        {{ local_date(from_epoch_seconds('min(messages.written_epoch) // 3600 * 3600'), 'channels.timezone') }} as first_date,
        {{ local_date(as_of(), 'channels.timezone') }} as last_date
    from {{ ref('stg_config__channels') }} as channels
    inner join {{ ref('int_inbound_messages') }} as messages on channels.channel_id = messages.channel_id
    group by channels.channel_id, channels.timezone, channels.source

),

days as (

    select
        spans.channel_id,
        spans.timezone,
        spans.has_views,
        {{ days_later('spans.first_date', 'days.number') }} as local_date
    from spans
    cross join {{ whole_numbers(0, days_between('spans.first_date', 'spans.last_date'), 'days') }}

)

select
    channel_id,
    timezone,
    has_views,
    local_date,
    {{ local_midnight_epoch('local_date', 'timezone') }} as starts_epoch,
    {{ local_midnight_epoch(days_later('local_date', 1), 'timezone') }} as ends_epoch
from days
