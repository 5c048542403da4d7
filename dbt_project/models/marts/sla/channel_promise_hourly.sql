-- M13, by the promise that the public had on the channel when the message was written (D4). Messages inside the hours of the
-- statement are kept or not on the promise's own basis; the calendar reading looks at every message, whenever it came (D1).
with

run as (

    select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}

),

channel_promises as (

    select
        promises.*,
        channels.timezone as channel_timezone,
        schedules.schedule_number,
        {{ epoch_seconds('promises.from_at') }} as from_epoch,
        coalesce({{ epoch_seconds('promises.to_at') }}, {{ forever() }}) as to_epoch
    from {{ ref('stg_config__channel_promises') }} as promises
    inner join {{ ref('stg_config__channels') }} as channels on promises.channel_id = channels.channel_id
    left join {{ ref('int_schedules_numbered') }} as schedules on promises.schedule_id = schedules.schedule_id

),

messages as (

    select
        answers.channel_id,
        answers.written_epoch,
        {{ from_epoch_seconds('answers.written_epoch') }} as written_at,
        coalesce(answers.ended_epoch, run.as_of_epoch) as until_epoch,
        answers.ended_by,
        channel_promises.timezone,
        channel_promises.channel_timezone,
        channel_promises.schedule_number,
        channel_promises.basis,
        channel_promises.target_value,
        channel_promises.target_unit,
        channel_promises.target_seconds
    from {{ ref('int_message_answers') }} as answers
    cross join run
    inner join channel_promises
        on
            answers.channel_id = channel_promises.channel_id
            and answers.responder = channel_promises.responder
            and answers.written_epoch >= channel_promises.from_epoch
            and answers.written_epoch < channel_promises.to_epoch

),

placed as (

    select
        messages.*,
        messages.schedule_number is null or coalesce(here.is_open, false) as is_inside,
        {{ open_position_at('here', 'messages.schedule_number', 'messages.written_epoch') }} as started_position,
        {{ open_position_at('there', 'messages.schedule_number', 'messages.until_epoch') }} as until_position
    from messages
    {{ join_schedule_at('here', 'messages.schedule_number', 'messages.written_epoch') }}
    {{ join_schedule_at('there', 'messages.schedule_number', 'messages.until_epoch') }}

),

timed as (

    select
        placed.*,
        {{ target_in_seconds('placed', 'first_day', 'last_day') }} as promised_seconds,
        case
            when placed.target_unit = 'business_days' then placed.target_value * 86400
            else placed.target_seconds
        end as calendar_promised_seconds,
        placed.until_epoch - placed.written_epoch as calendar_seconds,
        case
            when placed.basis = 'business' then placed.until_position - placed.started_position
            else placed.until_epoch - placed.written_epoch
        end as elapsed_seconds
    from placed
    {{ join_business_days('placed', 'placed') }}

),

-- An answer after the time is no answer in time, however the wait ended; closed or deleted within it is neither (D15, D16).
judged as (

    select
        timed.channel_id,
        periods.period,
        cast({{ local_hour_of_week('timed.written_at', 'timed.channel_timezone') }} as integer) as hour_of_week,
        timed.is_inside,
        case
            when timed.elapsed_seconds > timed.promised_seconds then 'broken'
            when timed.ended_by is null then 'pending'
            when timed.ended_by = 'answered' then 'kept'
            else 'left_out'
        end as outcome,
        case
            when timed.calendar_seconds > timed.calendar_promised_seconds then 'broken'
            when timed.ended_by is null then 'pending'
            when timed.ended_by = 'answered' then 'kept'
            else 'left_out'
        end as calendar_outcome
    from timed
    inner join {{ ref('stg_config__periods') }} as periods
        on
            timed.timezone = periods.timezone
            and timed.written_at >= periods.starts_at
            and timed.written_at < periods.ends_at

),

counted as (

    select
        channel_id,
        period,
        hour_of_week,
        count(*) as message_count,
        count(case when is_inside and outcome in ('kept', 'broken') then 1 end) as promised_count,
        count(case when is_inside and outcome = 'kept' then 1 end) as kept_count,
        count(case when is_inside and outcome = 'pending' then 1 end) as pending_count,
        count(case when is_inside and outcome = 'left_out' then 1 end) as left_out_count,
        count(case when not is_inside then 1 end) as outside_hours_count,
        count(case when calendar_outcome in ('kept', 'broken') then 1 end) as calendar_decided_count,
        count(case when calendar_outcome = 'kept' then 1 end) as calendar_kept_count
    from judged
    group by channel_id, period, hour_of_week

)

select
    channel_id,
    period,
    hour_of_week,
    cast(floor(hour_of_week / 24) as integer) + 1 as day_of_week,
    hour_of_week % 24 as hour_of_day,
    message_count,
    promised_count,
    kept_count,
    kept_count / nullif(cast(promised_count as double), 0) as kept_rate,
    pending_count,
    left_out_count,
    outside_hours_count,
    outside_hours_count / cast(message_count as double) as outside_hours_rate,
    calendar_decided_count,
    calendar_kept_count,
    calendar_kept_count / nullif(cast(calendar_decided_count as double), 0) as calendar_kept_rate
from counted
