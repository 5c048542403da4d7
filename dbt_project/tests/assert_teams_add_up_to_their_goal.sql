-- Whole teams, with nobody's clocks, are the goal's month; a team's people, where they are measured, are the team (D4, P4).
-- Signed months keep what was signed (D11) and are left out.
with

teams as (

    select
        agreement_id,
        goal_id,
        period,
        sum(met_count) as met_count,
        sum(missed_count) as missed_count,
        sum(excluded_count) as excluded_count,
        sum(started_count) as started_count
    from {{ ref('team_attainment_monthly') }}
    where is_whole_team
    group by agreement_id, goal_id, period

),

people as (

    select
        agreement_id,
        goal_id,
        period,
        sum(met_count) as met_count,
        sum(missed_count) as missed_count,
        sum(excluded_count) as excluded_count,
        sum(started_count) as started_count
    from {{ ref('team_attainment_monthly') }}
    where not is_whole_team
    group by agreement_id, goal_id, period

)

select
    months.agreement_id,
    months.goal_id,
    months.period
from {{ ref('agreement_goal_monthly') }} as months
left join teams
    on
        months.agreement_id = teams.agreement_id
        and months.goal_id = teams.goal_id
        and months.period = teams.period
left join people
    on
        months.agreement_id = people.agreement_id
        and months.goal_id = people.goal_id
        and months.period = people.period
where
    not months.is_signed
    and (
        months.met_count <> coalesce(teams.met_count, 0)
        or months.missed_count <> coalesce(teams.missed_count, 0)
        or months.excluded_count <> coalesce(teams.excluded_count, 0)
        or months.started_count <> coalesce(teams.started_count, 0)
        or people.met_count <> teams.met_count
        or people.missed_count <> teams.missed_count
        or people.excluded_count <> teams.excluded_count
        or people.started_count <> teams.started_count
    )
