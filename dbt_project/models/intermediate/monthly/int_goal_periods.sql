-- Every agreement, goal and month that is or was in force up to as_of, with the terms of the version in force last in the month.
-- covered_seconds tells whether the month lies wholly inside the goal's dates (T3).
with

goals as (

    select * from {{ ref('int_clock_goals') }}

),

periods as (

    select * from {{ ref('stg_config__periods') }}

),

seen as (

    select
        goals.agreement_id,
        goals.goal_id,
        periods.period,
        goals.agreement_key,
        goals.version,
        goals.goal_key,
        goals.metric,
        goals.basis,
        goals.goal_rate,
        periods.starts_at,
        periods.ends_at
    from goals
    inner join periods
        on
            goals.timezone = periods.timezone
            and periods.starts_at < least(goals.in_force_to_at, goals.goal_to_at)
            and periods.ends_at > greatest(goals.in_force_from_at, goals.goal_from_at)
    where periods.starts_at < {{ as_of() }}
    -- The version in force last in the month gives the terms and, by its zone, the bounds.
    qualify row_number() over (
        partition by goals.agreement_id, goals.goal_id, periods.period
        order by least(periods.ends_at, goals.in_force_to_at) desc, goals.version desc, goals.channel_id asc
    ) = 1

),

stretches as (

    select distinct
        agreement_id,
        goal_id,
        greatest(in_force_from_at, goal_from_at) as from_at,
        least(in_force_to_at, goal_to_at) as to_at
    from goals
    where greatest(in_force_from_at, goal_from_at) < least(in_force_to_at, goal_to_at)

),

covered as (

    select
        seen.agreement_id,
        seen.goal_id,
        seen.period,
        sum({{ seconds_between('greatest(seen.starts_at, stretches.from_at)', 'least(seen.ends_at, stretches.to_at)') }})
            as covered_seconds
    from seen
    inner join stretches
        on
            seen.agreement_id = stretches.agreement_id
            and seen.goal_id = stretches.goal_id
            and seen.starts_at < stretches.to_at
            and seen.ends_at > stretches.from_at
    group by seen.agreement_id, seen.goal_id, seen.period

),

final as (

    select
        seen.agreement_id,
        seen.goal_id,
        seen.period,
        seen.agreement_key,
        seen.version as agreement_version,
        seen.goal_key,
        seen.metric,
        seen.basis,
        seen.goal_rate,
        seen.ends_at,
        seen.ends_at <= {{ as_of() }}
        and coalesce(covered.covered_seconds, 0) >= {{ seconds_between('seen.starts_at', 'seen.ends_at') }} as is_whole_period
    from seen
    left join covered
        on
            seen.agreement_id = covered.agreement_id
            and seen.goal_id = covered.goal_id
            and seen.period = covered.period

)

select * from final
