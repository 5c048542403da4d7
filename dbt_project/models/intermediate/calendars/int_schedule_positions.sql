-- Each schedule's open stretches, cut at every 86,400 seconds of open time: a position finds its stretch by an equal join.
with

intervals as (

    select
        numbered.schedule_number,
        {{ epoch_seconds('intervals.opens_at') }} as opens_epoch,
        intervals.open_seconds_before as opens_position,
        intervals.open_seconds_before + {{ seconds_between('intervals.opens_at', 'intervals.closes_at') }} as closes_position
    from {{ ref('stg_config__schedule_intervals') }} as intervals
    inner join {{ ref('int_schedules_numbered') }} as numbered on intervals.schedule_id = numbered.schedule_id

),

final as (

    select
        intervals.schedule_number,
        buckets.number as position_bucket,
        greatest(intervals.opens_position, buckets.number * 86400) as from_position,
        least(intervals.closes_position, (buckets.number + 1) * 86400) as to_position,
        intervals.opens_epoch + greatest(intervals.opens_position, buckets.number * 86400) - intervals.opens_position
            as from_epoch
    from intervals
    cross join {{ whole_numbers(whole_days('intervals.opens_position'), whole_days('intervals.closes_position - 1'), 'buckets') }}
    where intervals.closes_position > intervals.opens_position

)

select * from final
