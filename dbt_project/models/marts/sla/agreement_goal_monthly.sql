select
    streaks.agreement_id,
    streaks.agreement_key,
    cast(streaks.agreement_version as integer) as agreement_version,
    streaks.goal_id,
    streaks.goal_key,
    goals.title as goal_title,
    agreements.kind,
    streaks.metric,
    streaks.basis,
    streaks.period,
    streaks.decided_count,
    streaks.met_count,
    streaks.missed_count,
    streaks.excluded_count,
    streaks.running_count,
    streaks.started_count,
    streaks.stopped_count,
    streaks.met_count / nullif(cast(streaks.decided_count as double), 0) as attainment_rate,
    streaks.goal_rate,
    streaks.is_goal_met,
    streaks.indeterminate_reason,
    streaks.decided_count < agreements.minimum_sample as is_low_sample,
    streaks.p50_seconds,
    streaks.p90_seconds,
    cast(streaks.consecutive_missed_count as integer) as consecutive_missed_count,
    budgets.error_budget_count,
    budgets.error_budget_burn_rate,
    1 - budgets.error_budget_burn_rate as error_budget_rate,
    budgets.error_budget_exhausted_date,
    budgets.error_budget_projected_date,
    streaks.conversation_decided_count,
    streaks.conversation_met_count,
    streaks.conversation_missed_count,
    streaks.conversation_met_count / nullif(cast(streaks.conversation_decided_count as double), 0)
        as conversation_attainment_rate,
    streaks.cohort_met_count,
    streaks.cohort_missed_count,
    streaks.cohort_met_count / nullif(cast(streaks.cohort_met_count + streaks.cohort_missed_count as double), 0)
        as cohort_attainment_rate,
    streaks.is_whole_period,
    streaks.is_signed,
    streaks.signed_release_id
from {{ ref('int_goal_streaks') }} as streaks
inner join {{ ref('stg_config__agreements') }} as agreements on streaks.agreement_key = agreements.agreement_key
inner join {{ ref('stg_config__goals') }} as goals on streaks.goal_key = goals.goal_key
left join {{ ref('int_error_budgets') }} as budgets
    on
        streaks.agreement_id = budgets.agreement_id
        and streaks.goal_id = budgets.goal_id
        and streaks.period = budgets.period
