-- Each schedule's time from its first opening to its last closing, open and closed stretches, cut at UTC midnights: an instant
-- finds its stretch by an equal join on the day and a comparison.
with

intervals as (

    select
        numbered.schedule_number,
        {{ epoch_seconds('intervals.opens_at') }} as opens_epoch,
        {{ epoch_seconds('intervals.closes_at') }} as closes_epoch,
        intervals.open_seconds_before,
        lead({{ epoch_seconds('intervals.opens_at') }}) over (
            partition by numbered.schedule_number
            order by intervals.opens_at
        ) as next_opens_epoch,
        row_number() over (partition by numbered.schedule_number order by intervals.opens_at) = 1 as is_first
    from {{ ref('stg_config__schedule_intervals') }} as intervals
    inner join {{ ref('int_schedules_numbered') }} as numbered on intervals.schedule_id = numbered.schedule_id

),

-- Before the first opening nothing is open: the calendar begins a while before the first record, so a month is plenty.
stretches as (

    select
        schedule_number,
        true as is_open,
        opens_epoch as from_epoch,
        closes_epoch as to_epoch,
        open_seconds_before as from_position
    from intervals
    union all
    select
        schedule_number,
        false as is_open,
        closes_epoch as from_epoch,
        coalesce(next_opens_epoch, closes_epoch + 31 * 86400) as to_epoch,
        open_seconds_before + closes_epoch - opens_epoch as from_position
    from intervals
    union all
    select
        schedule_number,
        false as is_open,
        opens_epoch - 31 * 86400 as from_epoch,
        opens_epoch as to_epoch,
        open_seconds_before as from_position
    from intervals
    where is_first

),

final as (

    select
        stretches.schedule_number,
        days.number as day_number,
        stretches.is_open,
        greatest(stretches.from_epoch, days.number * 86400) as from_epoch,
        least(stretches.to_epoch, (days.number + 1) * 86400) as to_epoch,
        stretches.from_position
        + case
            when stretches.is_open then greatest(stretches.from_epoch, days.number * 86400) - stretches.from_epoch
            else 0
        end as from_position
    from stretches
    cross join {{ whole_numbers(whole_days('stretches.from_epoch'), whole_days('stretches.to_epoch - 1'), 'days') }}
    where stretches.to_epoch > stretches.from_epoch

)

select * from final
