-- The terms of each goal on each channel, over all time (D4, D18): a clock takes the one row that holds its start. Where no
-- version of the agreement is in force, the terms shown are those of the version before, else of the first, and the clock is
-- excluded as `no_agreement` (has_agreement is false).
with

goals as (

    select * from {{ ref('stg_config__goals') }}

),

in_force as (

    select
        *,
        {{ epoch_seconds('from_at') }} as from_epoch,
        coalesce({{ epoch_seconds('to_at') }}, {{ forever() }}) as to_epoch
    from {{ ref('stg_config__agreement_in_force') }}

),

stated as (

    select
        goals.goal_key,
        goals.agreement_key,
        goals.agreement_id,
        goals.version,
        goals.goal_id,
        goals.metric,
        goals.subject,
        case when goals.subject = 'customer' then 'published' else 'received' end as start_basis,
        goals.basis,
        -- A calendar goal has its business time too, by the agreement's hours (D1).
        coalesce(goals.schedule_id, agreements.schedule_id) as schedule_id,
        goals.basis = 'business' as is_business,
        case
            when goals.metric in ('first_response', 'next_response', 'periodic_update', 'pausable_update') then goals.responder
            else 'none'
        end as responder,
        goals.goal_rate,
        goals.priorities,
        -- The ids that the channel's source itself uses: those of its own account.
        {{ stripped_of_prefix('goals.teams', "config_channels.source || ':' || config_channels.account || ':'") }}
            as source_team_ids,
        agreements.timezone,
        agreements.measures_people,
        channels.channel_id,
        in_force.from_epoch as in_force_from_epoch,
        in_force.to_epoch as in_force_to_epoch,
        coalesce({{ epoch_seconds('goals.from_at') }}, {{ beginning() }}) as goal_from_epoch,
        coalesce({{ epoch_seconds('goals.to_at') }}, {{ forever() }}) as goal_to_epoch
    from goals
    inner join {{ ref('stg_config__agreements') }} as agreements on goals.agreement_key = agreements.agreement_key
    inner join {{ ref('stg_config__agreement_channels') }} as channels on goals.agreement_key = channels.agreement_key
    inner join {{ ref('stg_config__channels') }} as config_channels on channels.channel_id = config_channels.channel_id
    inner join in_force on goals.agreement_key = in_force.agreement_key

),

-- When no version of an agreement is in force: before the first, between two, after the last.
ordered as (

    select
        agreement_id,
        from_epoch,
        to_epoch,
        lag(to_epoch) over (partition by agreement_id order by from_epoch) as previous_to_epoch,
        lead(from_epoch) over (partition by agreement_id order by from_epoch) as next_from_epoch
    from in_force

),

gaps as (

    select
        agreement_id,
        coalesce(previous_to_epoch, {{ beginning() }}) as gap_from_epoch,
        from_epoch as gap_to_epoch
    from ordered
    union all
    select
        agreement_id,
        to_epoch as gap_from_epoch,
        {{ forever() }} as gap_to_epoch
    from ordered
    where next_from_epoch is null

),

in_gaps as (

    select
        stated.*,
        gaps.gap_from_epoch,
        gaps.gap_to_epoch
    from gaps
    inner join stated on gaps.agreement_id = stated.agreement_id
    where gaps.gap_from_epoch < gaps.gap_to_epoch
    qualify row_number() over (
        partition by
            gaps.gap_from_epoch,
            stated.agreement_id,
            stated.goal_id,
            stated.metric,
            stated.channel_id
        order by
            stated.in_force_from_epoch < gaps.gap_to_epoch desc,
            case when stated.in_force_from_epoch < gaps.gap_to_epoch then stated.in_force_from_epoch end desc,
            stated.in_force_from_epoch asc
    ) = 1

),

unioned as (

    select
        *,
        true as has_agreement,
        greatest(in_force_from_epoch, goal_from_epoch) as terms_from_epoch,
        least(in_force_to_epoch, goal_to_epoch) as terms_to_epoch
    from stated
    where greatest(in_force_from_epoch, goal_from_epoch) < least(in_force_to_epoch, goal_to_epoch)
    union all
    select
        * exclude (gap_from_epoch, gap_to_epoch),
        false as has_agreement,
        gap_from_epoch as terms_from_epoch,
        gap_to_epoch as terms_to_epoch
    from in_gaps

),

final as (

    select
        unioned.*,
        schedules.schedule_number,
        dense_rank() over (order by unioned.goal_key) as goal_number,
        dense_rank() over (order by unioned.channel_id) as channel_number,
        dense_rank() over (order by unioned.timezone) as timezone_number,
        dense_rank() over (order by unioned.metric, unioned.responder, unioned.start_basis) as shape_number,
        row_number() over (
            order by unioned.goal_key, unioned.channel_id, unioned.has_agreement, unioned.terms_from_epoch
        ) as terms_number
    from unioned
    left join {{ ref('int_schedules_numbered') }} as schedules on unioned.schedule_id = schedules.schedule_id

)

select * from final
