-- M14, in open seconds of the agreement's hours on the channel. Staffed ends when the gap is used up since the later of the last
-- sign of a person and the moment at which the work began, and closed hours do not use it up: in a stretch of work without a sign
-- of anybody, what is unstaffed is its open time less the gap.
with

promises as (

    select * from {{ ref('int_support_promises') }}

),

promised as (

    select
        agreement_id,
        channel_id,
        period,
        max_by(agreement_key, to_epoch) as agreement_key,
        max_by(staffing_gap_seconds, to_epoch) as staffing_gap_seconds,
        cast(sum(to_position - from_position) as bigint) as promised_seconds,
        sum(to_epoch - from_epoch) >= max_by(period_ends_epoch - period_starts_epoch, to_epoch) as is_whole_period
    from promises
    group by agreement_id, channel_id, period

),

work as (

    select
        promises.agreement_id,
        promises.channel_id,
        promises.period,
        promises.schedule_number,
        greatest(work.from_epoch, promises.from_epoch) as from_epoch,
        least(work.to_epoch, promises.to_epoch) as to_epoch
    from {{ ref('int_channel_work') }} as work
    inner join promises
        on
            work.channel_id = promises.channel_id
            and work.from_epoch < promises.to_epoch
            and work.to_epoch > promises.from_epoch

),

worked as (

    select
        work.agreement_id,
        work.channel_id,
        work.period,
        cast(sum(
            {{ open_position_at('there', 'work.schedule_number', 'work.to_epoch') }}
            - {{ open_position_at('here', 'work.schedule_number', 'work.from_epoch') }}
        ) as bigint) as work_seconds
    from work
    {{ join_schedule_at('here', 'work.schedule_number', 'work.from_epoch') }}
    {{ join_schedule_at('there', 'work.schedule_number', 'work.to_epoch') }}
    group by work.agreement_id, work.channel_id, work.period

),

-- Work of longer than the gap without a sign of a person: `since` is the last one, or when the work began.
silent_work as (

    select
        work.channel_id,
        greatest(work.from_epoch, silences.from_epoch) as since_epoch,
        least(work.to_epoch, silences.to_epoch) as until_epoch
    from {{ ref('int_channel_work') }} as work
    inner join {{ ref('int_channel_silences') }} as silences
        on
            work.channel_id = silences.channel_id
            and work.to_epoch - work.from_epoch > silences.staffing_gap_seconds
            and work.from_epoch < silences.to_epoch
            and work.to_epoch > silences.from_epoch

),

silent as (

    select
        promises.agreement_id,
        promises.channel_id,
        promises.period,
        promises.schedule_number,
        promises.staffing_gap_seconds,
        promises.from_position,
        silent_work.since_epoch,
        least(silent_work.until_epoch, promises.to_epoch) as until_epoch
    from silent_work
    inner join promises
        on
            silent_work.channel_id = promises.channel_id
            and silent_work.since_epoch + promises.staffing_gap_seconds < promises.to_epoch
            and silent_work.until_epoch > promises.from_epoch

),

unstaffed as (

    select
        silent.agreement_id,
        silent.channel_id,
        silent.period,
        cast(sum(greatest(
            {{ open_position_at('there', 'silent.schedule_number', 'silent.until_epoch') }}
            - greatest(
                {{ open_position_at('here', 'silent.schedule_number', 'silent.since_epoch') }} + silent.staffing_gap_seconds,
                silent.from_position
            ),
            0
        )) as bigint) as unstaffed_seconds
    from silent
    {{ join_schedule_at('here', 'silent.schedule_number', 'silent.since_epoch') }}
    {{ join_schedule_at('there', 'silent.schedule_number', 'silent.until_epoch') }}
    group by silent.agreement_id, silent.channel_id, silent.period

),

summed as (

    select
        promised.agreement_id,
        promised.agreement_key,
        promised.channel_id,
        promised.period,
        promised.staffing_gap_seconds,
        promised.promised_seconds,
        coalesce(worked.work_seconds, 0) as work_seconds,
        coalesce(unstaffed.unstaffed_seconds, 0) as unstaffed_seconds,
        promised.is_whole_period
    from promised
    left join worked
        on
            promised.agreement_id = worked.agreement_id
            and promised.channel_id = worked.channel_id
            and promised.period = worked.period
    left join unstaffed
        on
            promised.agreement_id = unstaffed.agreement_id
            and promised.channel_id = unstaffed.channel_id
            and promised.period = unstaffed.period

)

select
    agreement_id,
    agreement_key,
    channel_id,
    period,
    cast(staffing_gap_seconds as bigint) as staffing_gap_seconds,
    promised_seconds,
    work_seconds,
    work_seconds - unstaffed_seconds as staffed_seconds,
    unstaffed_seconds,
    (work_seconds - unstaffed_seconds) / nullif(cast(work_seconds as double), 0) as availability_rate,
    work_seconds / nullif(cast(promised_seconds as double), 0) as coverage_rate,
    is_whole_period
from summed
