-- Every month of every goal with bands, with its terms: those of the version in force last in the month. step_number is the order
-- in which incidents are told apart (C3): month by month, and within a month by precedence.
with

months as (

    select * from {{ ref('int_goal_streaks') }}

),

terms as (

    select * from {{ ref('stg_config__credit_terms') }}

),

goals as (

    select
        agreement_key,
        goal_id,
        min(precedence) as precedence,
        max(below_rate) as highest_rate
    from {{ ref('stg_config__credit_bands') }}
    group by agreement_key, goal_id

),

fees as (

    select * from {{ ref('stg_config__credit_fees') }}

),

exclusions as (

    select * from {{ ref('stg_config__credit_exclusions') }}

),

signed as (

    select * from {{ ref('stg_review__signed_credits') }}

),

final as (

    select
        months.agreement_id,
        months.goal_id,
        months.period,
        row_number() over (
            partition by months.agreement_id
            order by months.period, goals.precedence, months.goal_id
        ) as step_number,
        months.agreement_key,
        months.agreement_version,
        months.goal_key,
        goals.precedence,
        goals.highest_rate,
        months.computed_met_count,
        months.computed_decided_count,
        months.computed_is_goal_met,
        months.computed_indeterminate_reason,
        -- Late data may make a signed month a missed one: it is then the first of its streak at least.
        greatest(months.consecutive_missed_count, 1) as consecutive_missed_count,
        fees.fee_amount,
        terms.currency,
        terms.minor_unit,
        terms.rounding,
        terms.goal_cap_rate,
        terms.cap_rate,
        terms.repeat_consecutive_periods,
        terms.repeat_multiplier,
        terms.earn_back_periods,
        terms.earn_back_rate,
        exclusions.excluded_by,
        exclusions.reason as excluded_reason,
        exclusions.evidence as excluded_evidence,
        coalesce(not months.computed_is_goal_met, false) and exclusions.period is null and fees.fee_amount > 0 as is_creditable,
        signed.currency is not null as has_signed_credit,
        signed.credit_rate is not null as is_signed_credited
    from months
    inner join goals on months.agreement_key = goals.agreement_key and months.goal_id = goals.goal_id
    inner join terms on months.agreement_key = terms.agreement_key
    inner join fees
        on
            months.agreement_key = fees.agreement_key
            and months.period >= fees.from_period
            and (fees.to_period is null or months.period < fees.to_period)
    left join exclusions
        on
            months.agreement_id = exclusions.agreement_id
            and months.goal_id = coalesce(exclusions.goal_id, months.goal_id)
            and months.period = exclusions.period
    left join signed
        on
            months.agreement_id = signed.agreement_id
            and months.goal_id = signed.goal_id
            and months.period = signed.period

)

select * from final
