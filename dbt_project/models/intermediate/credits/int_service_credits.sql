-- The credit of every goal's month, step by step, as the data and the agreement say now (C1 to C4). Every comparison and product
-- is of whole numbers and exact decimals; a goal's credit is rounded once, after its cap, and caps are rounded down.
with

steps as (

    select
        periods.*,
        coalesce(precedence.credited_elsewhere_count, 0) as credited_elsewhere_count,
        periods.computed_decided_count - coalesce(precedence.credited_elsewhere_count, 0) as credited_decided_count
    from {{ ref('int_credit_periods') }} as periods
    left join {{ ref('int_credit_precedence') }} as precedence
        on periods.agreement_id = precedence.agreement_id and periods.step_number = precedence.step_number

),

bands as (

    select * from {{ ref('stg_config__credit_bands') }}

),

in_band as (

    select
        steps.*,
        bands.band,
        bands.credit_rate,
        case
            when steps.consecutive_missed_count >= steps.repeat_consecutive_periods then steps.repeat_multiplier
            else cast(1 as decimal(6, 3))
        end as multiplier,
        cast(steps.fee_amount as decimal(38, 3)) * bands.credit_rate as base_credit_amount,
        {{ money_rounded_down('cast(steps.fee_amount as decimal(38, 3)) * steps.goal_cap_rate', 'steps.minor_unit') }}
            as goal_cap_amount,
        {{ money_rounded_down('cast(steps.fee_amount as decimal(38, 3)) * steps.cap_rate', 'steps.minor_unit') }}
            as period_cap_amount
    from steps
    left join bands
        on
            steps.agreement_key = bands.agreement_key
            and steps.goal_id = bands.goal_id
            and steps.is_creditable
            and steps.credited_decided_count > 0
            and cast(steps.computed_met_count as decimal(18, 0))
            >= bands.from_rate * cast(steps.credited_decided_count as decimal(18, 0))
            and cast(steps.computed_met_count as decimal(18, 0))
            < bands.below_rate * cast(steps.credited_decided_count as decimal(18, 0))

),

multiplied as (

    select
        *,
        base_credit_amount * multiplier as multiplied_credit_amount,
        -- Nulls are no part of least(): a month without a band must not become its cap.
        case
            when base_credit_amount is not null
                then least(base_credit_amount * multiplier, coalesce(goal_cap_amount, base_credit_amount * multiplier))
            else 0
        end as goal_capped_amount
    from in_band

),

of_goal as (

    select
        *,
        {{ rounded_money('goal_capped_amount', 'minor_unit', 'rounding') }} as goal_credit_amount
    from multiplied

),

-- The month's cap is used up in order of precedence.
before_it as (

    select
        *,
        coalesce(
            sum(goal_credit_amount) over (
                partition by agreement_id, period
                order by step_number
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as credit_before_amount
    from of_goal

),

capped as (

    select
        *,
        cast(
            case
                when period_cap_amount is null then goal_credit_amount
                else greatest(0, least(goal_credit_amount, period_cap_amount - credit_before_amount))
            end as decimal(18, 3)
        ) as credit_amount,
        coalesce(multiplied_credit_amount > goal_cap_amount, false) as is_goal_capped
    from before_it

),

final as (

    select
        *,
        case
            when is_goal_capped and credit_amount < goal_credit_amount then 'both'
            when is_goal_capped then 'goal'
            when credit_amount < goal_credit_amount then 'agreement'
            else 'none'
        end as cap_applied,
        case
            when computed_indeterminate_reason is not null then 'indeterminate'
            when computed_is_goal_met then 'goal_met'
            when excluded_by is not null then 'excluded'
            when fee_amount = 0 then 'no_fee'
            when
                credit_rate is null
                and cast(computed_met_count as decimal(18, 0)) < highest_rate * cast(computed_decided_count as decimal(18, 0))
                then 'credited_elsewhere'
            when credit_rate is null then 'above_bands'
            when credit_amount = 0 and goal_credit_amount > 0 then 'cap_used_up'
            when credit_amount = 0 then 'rounded_to_nothing'
            else 'credited'
        end as why
    from capped

)

select
    agreement_id,
    goal_id,
    period,
    agreement_key,
    agreement_version,
    goal_key,
    precedence,
    computed_met_count,
    computed_decided_count,
    consecutive_missed_count,
    minor_unit,
    rounding,
    earn_back_periods,
    earn_back_rate,
    excluded_by,
    excluded_reason,
    excluded_evidence,
    currency,
    {{ signed_credit_columns().keys() | join(',\n    ') }}
from final
