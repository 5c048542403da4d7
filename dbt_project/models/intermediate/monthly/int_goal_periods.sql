-- Every agreement, goal and month that is or was in force up to as_of, with the terms of the version in force last in the month.
-- covered_seconds tells whether the month lies wholly inside the goal's dates (T3).
with

goals as (

    select * from {{ ref('int_clock_goals') }}

),

periods as (

    select * from {{ ref('stg_config__periods') }}

),

covered as (

    select distinct
        goals.agreement_id,
        goals.agreement_key,
        goals.version,
        goals.goal_id,
        goals.goal_key,
        goals.metric,
        goals.basis,
        goals.goal_rate,
        goals.timezone,
        periods.period,
        periods.starts_at,
        periods.ends_at,
        greatest(periods.starts_at, goals.in_force_from_at, goals.goal_from_at) as covered_from_at,
        least(periods.ends_at, goals.in_force_to_at, goals.goal_to_at) as covered_to_at
    from goals
    inner join periods
        on
            goals.timezone = periods.timezone
            and periods.starts_at < least(goals.in_force_to_at, goals.goal_to_at)
            and periods.ends_at > greatest(goals.in_force_from_at, goals.goal_from_at)
    where periods.starts_at < {{ as_of() }}

),

final as (

    select
        agreement_id,
        goal_id,
        period,
        max_by(agreement_key, covered_from_at) as agreement_key,
        max_by(version, covered_from_at) as agreement_version,
        max_by(goal_key, covered_from_at) as goal_key,
        max_by(metric, covered_from_at) as metric,
        max_by(basis, covered_from_at) as basis,
        max_by(goal_rate, covered_from_at) as goal_rate,
        max(ends_at) as ends_at,
        max(ends_at) <= {{ as_of() }}
        and sum({{ seconds_between('covered_from_at', 'covered_to_at') }})
        >= max({{ seconds_between('starts_at', 'ends_at') }}) as is_whole_period
    from covered
    group by agreement_id, goal_id, period

)

select * from final
