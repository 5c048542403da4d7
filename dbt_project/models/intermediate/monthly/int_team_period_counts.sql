-- What int_goal_period_counts counts of a goal, of each team, and of each person of it where the agreement measures people (P4):
-- by team and person as they were when the clock started (D4). Nobody's clocks are a row too, so that teams add up to the goal.
-- A team's percentiles are those of its clocks, never of its people's figures (M16): hence rows of both kinds.
with

periods as (

    select
        periods.agreement_id,
        periods.goal_id,
        periods.period,
        agreements.measures_people
    from {{ ref('int_goal_periods') }} as periods
    inner join {{ ref('stg_config__agreements') }} as agreements on periods.agreement_key = agreements.agreement_key

),

counted as (

    select
        agreement_id,
        goal_id,
        team_id,
        team_member_id,
        started_period,
        decided_period,
        count(*) as clock_count,
        count(case when outcome = 'met' then 1 end) as met_count,
        count(case when outcome = 'missed' then 1 end) as missed_count,
        count(case when outcome = 'excluded' then 1 end) as excluded_count,
        count(case when outcome in ('running', 'paused') then 1 end) as running_count,
        count(case when outcome in ('met', 'missed') then stopped_at end) as stopped_count
    from {{ ref('fct_sla_clock') }}
    where agreement_version is not null
    group by agreement_id, goal_id, team_id, team_member_id, started_period, decided_period

),

-- Each count in the month that it belongs to (D7).
placed as (

    select
        agreement_id,
        goal_id,
        team_id,
        team_member_id,
        decided_period as period,
        met_count,
        missed_count,
        stopped_count,
        0 as excluded_count,
        0 as running_count,
        0 as started_count
    from counted
    where decided_period is not null
    union all
    select
        agreement_id,
        goal_id,
        team_id,
        team_member_id,
        started_period as period,
        0 as met_count,
        0 as missed_count,
        0 as stopped_count,
        excluded_count,
        running_count,
        clock_count as started_count
    from counted

),

-- Each count once for the team, and once for the person where people are measured.
levels as (

    select
        placed.*,
        cast(null as varchar) as person_id,
        true as is_whole_team
    from placed
    inner join periods
        on
            placed.agreement_id = periods.agreement_id
            and placed.goal_id = periods.goal_id
            and placed.period = periods.period
    union all
    select
        placed.*,
        placed.team_member_id as person_id,
        false as is_whole_team
    from placed
    inner join periods
        on
            placed.agreement_id = periods.agreement_id
            and placed.goal_id = periods.goal_id
            and placed.period = periods.period
            and periods.measures_people

),

counts as (

    select
        agreement_id,
        goal_id,
        period,
        team_id,
        person_id as team_member_id,
        is_whole_team,
        cast(sum(met_count + missed_count) as bigint) as decided_count,
        cast(sum(met_count) as bigint) as met_count,
        cast(sum(missed_count) as bigint) as missed_count,
        cast(sum(excluded_count) as bigint) as excluded_count,
        cast(sum(running_count) as bigint) as running_count,
        cast(sum(started_count) as bigint) as started_count,
        cast(sum(stopped_count) as bigint) as stopped_count
    from levels
    group by agreement_id, goal_id, period, team_id, person_id, is_whole_team

),

percentiles as (

    select
        agreement_id,
        goal_id,
        decided_period as period,
        team_id,
        cast(null as varchar) as team_member_id,
        true as is_whole_team,
        {{ percentile('elapsed_seconds', 0.5) }} as p50_seconds,
        {{ percentile('elapsed_seconds', 0.9) }} as p90_seconds
    from {{ ref('fct_sla_clock') }}
    where agreement_version is not null and decided_period is not null and stopped_at is not null
    group by agreement_id, goal_id, decided_period, team_id
    union all
    select
        clocks.agreement_id,
        clocks.goal_id,
        clocks.decided_period as period,
        clocks.team_id,
        clocks.team_member_id,
        false as is_whole_team,
        {{ percentile('clocks.elapsed_seconds', 0.5) }} as p50_seconds,
        {{ percentile('clocks.elapsed_seconds', 0.9) }} as p90_seconds
    from {{ ref('fct_sla_clock') }} as clocks
    inner join periods
        on
            clocks.agreement_id = periods.agreement_id
            and clocks.goal_id = periods.goal_id
            and clocks.decided_period = periods.period
            and periods.measures_people
    where clocks.agreement_version is not null and clocks.stopped_at is not null
    group by clocks.agreement_id, clocks.goal_id, clocks.decided_period, clocks.team_id, clocks.team_member_id

),

final as (

    select
        counts.*,
        percentiles.p50_seconds,
        percentiles.p90_seconds
    from counts
    left join percentiles
        on
            counts.agreement_id = percentiles.agreement_id
            and counts.goal_id = percentiles.goal_id
            and counts.period = percentiles.period
            and counts.is_whole_team = percentiles.is_whole_team
            and counts.team_id is not distinct from percentiles.team_id
            and counts.team_member_id is not distinct from percentiles.team_member_id

)

select * from final
