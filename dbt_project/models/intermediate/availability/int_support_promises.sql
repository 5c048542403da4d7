-- Which time an agreement promises support in (M14): the open hours of each version on each of its channels, month by month, as
-- far as as_of sees. Without hours every second is promised (D1). Positions are those of the schedule's business clock.
with

versions as (

    select
        agreements.agreement_id,
        agreements.agreement_key,
        agreements.version,
        agreements.timezone,
        schedules.schedule_number,
        channels.channel_id,
        {{ epoch_seconds('in_force.from_at') }} as in_force_from_epoch,
        coalesce({{ epoch_seconds('in_force.to_at') }}, {{ forever() }}) as in_force_to_epoch
    from {{ ref('stg_config__agreements') }} as agreements
    inner join {{ ref('stg_config__agreement_in_force') }} as in_force on agreements.agreement_key = in_force.agreement_key
    inner join {{ ref('stg_config__agreement_channels') }} as channels on agreements.agreement_key = channels.agreement_key
    left join {{ ref('int_schedules_numbered') }} as schedules on agreements.schedule_id = schedules.schedule_id

),

run as (

    select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}

),

stretches as (

    select
        versions.agreement_id,
        versions.agreement_key,
        versions.version,
        versions.schedule_number,
        versions.channel_id,
        periods.period,
        {{ epoch_seconds('periods.starts_at') }} as period_starts_epoch,
        {{ epoch_seconds('periods.ends_at') }} as period_ends_epoch,
        greatest({{ epoch_seconds('periods.starts_at') }}, versions.in_force_from_epoch) as from_epoch,
        least({{ epoch_seconds('periods.ends_at') }}, versions.in_force_to_epoch, run.as_of_epoch) as to_epoch,
        {{ staffing_gap_seconds() }} as staffing_gap_seconds
    from versions
    cross join run
    inner join {{ ref('stg_config__periods') }} as periods on versions.timezone = periods.timezone

)

select
    stretches.*,
    {{ open_position_at('here', 'stretches.schedule_number', 'stretches.from_epoch') }} as from_position,
    {{ open_position_at('there', 'stretches.schedule_number', 'stretches.to_epoch') }} as to_position
from stretches
{{ join_schedule_at('here', 'stretches.schedule_number', 'stretches.from_epoch') }}
{{ join_schedule_at('there', 'stretches.schedule_number', 'stretches.to_epoch') }}
where stretches.from_epoch < stretches.to_epoch
