-- Flags open a review; they end nothing (T2). Only what the data and the agreement say is in here: the same data give the same
-- flags.
with

agreements as (

    select * from {{ ref('stg_config__agreements') }}

),

goal_months as (

    select
        *,
        {{ streak_periods_json(['agreement_id', 'goal_id', 'streak_number']) }} as periods_json
    from {{ ref('int_goal_streaks') }}

),

same_goal as (

    select
        months.agreement_id,
        months.agreement_key,
        months.goal_id,
        'same_goal_missed_consecutively' as reason,
        'T1a' as rule_id,
        months.streak_first_period as first_period,
        months.period as last_period,
        months.consecutive_missed_count as missed_period_count,
        months.ends_at as raised_at,
        months.streak_last_missed_period > months.period as is_superseded,
        months.is_streak_ended,
        concat(
            '{"rule":"T1a","required_periods":', agreements.flag_consecutive_periods, ',"periods":', months.periods_json, '}'
        ) as evidence
    from goal_months as months
    inner join agreements on months.agreement_key = agreements.agreement_key
    where
        agreements.raises_flags
        and agreements.flag_scope = 'same_goal'
        and months.is_missed
        and months.consecutive_missed_count >= agreements.flag_consecutive_periods

),

any_goal_evidence as (

    select
        streaks.agreement_id,
        streaks.period,
        {{ evidence_periods_json('goals') }} as periods_json
    from {{ ref('int_agreement_streaks') }} as streaks
    inner join {{ ref('int_goal_periods_judged') }} as goals
        on
            streaks.agreement_id = goals.agreement_id
            and goals.period between streaks.streak_first_period and streaks.period
            and not goals.is_goal_met
    where streaks.is_missed
    group by streaks.agreement_id, streaks.period

),

any_goal as (

    select
        months.agreement_id,
        months.agreement_key,
        cast(null as varchar) as goal_id,
        'any_goal_missed_consecutively' as reason,
        'T1a' as rule_id,
        months.streak_first_period as first_period,
        months.period as last_period,
        months.consecutive_missed_count as missed_period_count,
        months.ends_at as raised_at,
        months.streak_last_missed_period > months.period as is_superseded,
        months.is_streak_ended,
        concat(
            '{"rule":"T1a","required_periods":', agreements.flag_consecutive_periods, ',"periods":',
            evidence.periods_json, '}'
        ) as evidence
    from {{ ref('int_agreement_streaks') }} as months
    inner join agreements on months.agreement_key = agreements.agreement_key
    left join any_goal_evidence as evidence
        on months.agreement_id = evidence.agreement_id and months.period = evidence.period
    where
        agreements.raises_flags
        and agreements.flag_scope = 'any_goal'
        and months.is_missed
        and months.consecutive_missed_count >= agreements.flag_consecutive_periods

),

missed_in_window as (

    select
        agreement_id,
        agreement_key,
        goal_id,
        'missed_in_some_of_last_months' as reason,
        'T1b' as rule_id,
        window_first_period as first_period,
        period as last_period,
        window_missed_count as missed_period_count,
        ends_at as raised_at,
        streak_last_missed_period > period as is_superseded,
        is_streak_ended,
        concat(
            '{"rule":"T1b","required_periods":', flag_missed_periods, ',"of_periods":', flag_missed_of_periods,
            ',"periods":', periods_json, '}'
        ) as evidence
    from {{ ref('int_goal_window_streaks') }}
    where raises_flags and is_missed

),

below_floor as (

    select
        agreement_id,
        agreement_key,
        goal_id,
        'below_severity_floor' as reason,
        'T1c' as rule_id,
        streak_first_period as first_period,
        period as last_period,
        consecutive_missed_count as missed_period_count,
        ends_at as raised_at,
        streak_last_missed_period > period as is_superseded,
        is_streak_ended,
        concat('{"rule":"T1c","severity_floor":"', flag_severity_floor, '","periods":', periods_json, '}') as evidence
    from {{ ref('int_goal_floor_streaks') }}
    where raises_flags and is_missed

),

missing_approval as (

    select
        agreement_id,
        agreement_key,
        cast(null as varchar) as goal_id,
        'missing_approval' as reason,
        'T1e' as rule_id,
        streak_first_period as first_period,
        period as last_period,
        consecutive_missed_count as missed_period_count,
        ends_at as raised_at,
        streak_last_missed_period > period as is_superseded,
        is_streak_ended,
        concat('{"rule":"T1e","version":', version, ',"missing":', missing_parties, '}') as evidence
    from {{ ref('int_approval_streaks') }}
    where raises_flags and is_missed

),

credits_over_share as (

    select
        agreement_id,
        agreement_key,
        cast(null as varchar) as goal_id,
        'credits_over_share_of_fees' as reason,
        'T1d' as rule_id,
        window_first_period as first_period,
        period as last_period,
        over_share_count as missed_period_count,
        ends_at as raised_at,
        streak_last_missed_period > period as is_superseded,
        is_streak_ended,
        concat(
            '{"rule":"T1d","required_periods":', flag_credit_periods, ',"of_periods":', flag_credit_of_periods,
            ',"fee_share":"', flag_credit_fee_rate, '","credits":', periods_json, '}'
        ) as evidence
    from {{ ref('int_credit_flag_periods') }}
    where raises_flags and is_missed

),

flags as (

    select * from same_goal
    union all
    select * from any_goal
    union all
    select * from missed_in_window
    union all
    select * from below_floor
    union all
    select * from credits_over_share
    union all
    select * from missing_approval

),

identified as (

    select
        {{ hash_id(['agreement_id', 'goal_id', 'reason', 'last_period']) }} as flag_id,
        agreement_id,
        agreement_key,
        goal_id,
        reason,
        rule_id,
        first_period,
        last_period,
        cast(missed_period_count as integer) as missed_period_count,
        cast(evidence as json) as evidence,
        is_superseded,
        is_streak_ended,
        raised_at
    from flags

),

-- Undecided flags are superseded by the next of their streak, and withdrawn when it ends before a review of them (T4).
final as (

    select
        identified.flag_id,
        identified.agreement_id,
        identified.agreement_key,
        identified.goal_id,
        identified.reason,
        identified.rule_id,
        identified.first_period,
        identified.last_period,
        identified.missed_period_count,
        identified.evidence,
        case
            when decisions.flag_id is not null then 'decided'
            when identified.is_superseded then 'superseded'
            when openings.flag_id is not null then 'in_review'
            when identified.is_streak_ended then 'withdrawn'
            else 'raised'
        end as state,
        identified.raised_at,
        decisions.decided_at,
        decisions.decision
    from identified
    left join {{ ref('stg_review__openings') }} as openings on identified.flag_id = openings.flag_id
    left join {{ ref('stg_review__decisions') }} as decisions on identified.flag_id = decisions.flag_id

)

select * from final
