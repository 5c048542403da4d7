-- Every agreement, goal and month from the first in which the goal was in force to the last in which it was, or in which a clock
-- of it was decided (D7: a clock outlives its goal), up to as_of and without gaps; with the terms of the version in force last in
-- the month, else of the one before. covered_seconds tells whether the month lies wholly inside the goal's dates (T3).
with

goals as (

    select
        *,
        {{ from_epoch_seconds('terms_from_epoch') }} as from_at,
        {{ from_epoch_seconds('terms_to_epoch') }} as to_at,
        {{ from_epoch_seconds('in_force_to_epoch') }} as in_force_to_at
    from {{ ref('int_clock_goals') }}
    where has_agreement

),

periods as (

    select * from {{ ref('stg_config__periods') }}

),

last_decided as (

    select
        agreement_id,
        goal_id,
        max(decided_period) as last_period
    from {{ ref('fct_sla_clock') }}
    where agreement_version is not null
    group by agreement_id, goal_id

),

spans as (

    select
        goals.agreement_id,
        goals.goal_id,
        max(goals.to_at) as last_to_at,
        max(last_decided.last_period) as last_period
    from goals
    left join last_decided on goals.agreement_id = last_decided.agreement_id and goals.goal_id = last_decided.goal_id
    group by goals.agreement_id, goals.goal_id

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
    inner join spans on goals.agreement_id = spans.agreement_id and goals.goal_id = spans.goal_id
    inner join periods on goals.timezone = periods.timezone and goals.from_at < periods.ends_at
    where
        periods.starts_at < {{ as_of() }}
        and (periods.starts_at < spans.last_to_at or periods.period <= spans.last_period)
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
        from_at,
        to_at
    from goals

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
