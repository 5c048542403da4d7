select
    counts.agreement_id,
    periods.agreement_key,
    cast(periods.agreement_version as integer) as agreement_version,
    counts.goal_id,
    periods.goal_key,
    periods.metric,
    periods.basis,
    counts.team_id,
    counts.team_member_id,
    counts.is_whole_team,
    counts.period,
    counts.decided_count,
    counts.met_count,
    counts.missed_count,
    counts.excluded_count,
    counts.running_count,
    counts.started_count,
    counts.stopped_count,
    counts.met_count / nullif(cast(counts.decided_count as double), 0) as attainment_rate,
    periods.goal_rate,
    counts.decided_count < agreements.minimum_sample as is_low_sample,
    counts.p50_seconds,
    counts.p90_seconds
from {{ ref('int_team_period_counts') }} as counts
inner join {{ ref('int_goal_periods') }} as periods
    on
        counts.agreement_id = periods.agreement_id
        and counts.goal_id = periods.goal_id
        and counts.period = periods.period
inner join {{ ref('stg_config__agreements') }} as agreements on periods.agreement_key = agreements.agreement_key
