-- What a missed month gives back, and what became of it (C1 to C5). A signed month keeps the credit that was signed (D11): its
-- credit_amount never changes; what later months earn back stands beside it. Decisions are people's and count from their day on.
with

computed as (

    select * from {{ ref('int_service_credits') }}

),

months as (

    select * from {{ ref('int_goal_streaks') }}

),

signed as (

    select * from {{ ref('stg_review__signed_credits') }}

),

due as (

    select
        computed.agreement_id,
        computed.goal_id,
        computed.period,
        computed.agreement_key,
        computed.agreement_version,
        computed.goal_key,
        computed.precedence,
        computed.minor_unit,
        computed.rounding,
        computed.earn_back_rate,
        computed.excluded_by,
        computed.excluded_reason,
        computed.excluded_evidence,
        months.ends_at,
        months.goal_rate,
        months.consecutive_missed_count,
        signed.signed_release_id,
        {% for column in signed_credit_columns() -%}
            case when signed.currency is not null then signed.{{ column }} else computed.{{ column }} end as {{ column }},
        {% endfor -%}
        coalesce(signed.currency, computed.currency) as currency,
        case when signed.currency is not null then months.met_count else computed.computed_met_count end as met_count,
        case when signed.currency is not null then months.decided_count else computed.computed_decided_count end as decided_count
    from computed
    inner join months
        on
            computed.agreement_id = months.agreement_id
            and computed.goal_id = months.goal_id
            and computed.period = months.period
    left join signed
        on
            computed.agreement_id = signed.agreement_id
            and computed.goal_id = signed.goal_id
            and computed.period = signed.period

),

decisions as (

    select
        agreement_id,
        goal_id,
        period,
        max(case when decision = 'approved' then amount end) as approved_amount,
        max(case when decision = 'rejected' then 1 end) is not null as is_rejected,
        max(case when decision = 'applied' then 1 end) is not null as is_applied,
        max(case when decision in ('approved', 'rejected') then decided_by end) as decided_by,
        max(case when decision in ('approved', 'rejected') then decided_date end) as decided_date,
        max(case when decision in ('approved', 'rejected') then reason end) as decision_reason,
        max(case when decision = 'applied' then decided_by end) as applied_by,
        max(case when decision = 'applied' then decided_date end) as applied_date,
        max(case when decision = 'applied' then reference end) as applied_reference
    from {{ ref('stg_config__credit_decisions') }}
    where decided_date <= cast({{ as_of() }} as date)
    group by agreement_id, goal_id, period

),

decided as (

    select
        due.*,
        decisions.approved_amount,
        decisions.decided_by,
        decisions.decided_date,
        decisions.decision_reason,
        decisions.applied_by,
        decisions.applied_date,
        decisions.applied_reference,
        case
            when decisions.is_applied then 'applied'
            when decisions.is_rejected then 'rejected'
            when decisions.approved_amount is not null then 'approved'
            when due.credit_amount > 0 then 'proposed'
            else 'no_credit'
        end as status,
        case
            when decisions.is_rejected then cast(0 as decimal(18, 3))
            else coalesce(decisions.approved_amount, due.credit_amount)
        end as owed_amount
    from due
    left join decisions
        on due.agreement_id = decisions.agreement_id and due.goal_id = decisions.goal_id and due.period = decisions.period

),

final as (

    select
        decided.*,
        earn_backs.earned_back_period,
        case when decided.owed_amount > 0 then coalesce(earn_backs.earn_back_state, 'none') else 'none' end as earn_back_state,
        case
            when decided.owed_amount > 0 and earn_backs.earned_back_period is not null
                then {{ rounded_money(
                    'cast(decided.owed_amount as decimal(38, 3)) * decided.earn_back_rate', 'decided.minor_unit', 'decided.rounding'
                ) }}
            else cast(0 as decimal(18, 3))
        end as earned_back_amount
    from decided
    left join {{ ref('int_credit_earn_backs') }} as earn_backs
        on
            decided.agreement_id = earn_backs.agreement_id
            and decided.goal_id = earn_backs.goal_id
            and decided.period = earn_backs.period

)

select
    agreement_id,
    agreement_key,
    cast(agreement_version as integer) as agreement_version,
    goal_id,
    goal_key,
    period,
    ends_at,
    cast(precedence as integer) as precedence,
    decided_count,
    met_count,
    goal_rate,
    credited_elsewhere_count,
    credited_decided_count,
    met_count / nullif(cast(credited_decided_count as double), 0) as result_rate,
    band,
    credit_rate,
    fee_amount,
    cast(base_credit_amount as decimal(38, 9)) as base_credit_amount,
    cast(consecutive_missed_count as integer) as consecutive_missed_count,
    multiplier,
    cast(multiplied_credit_amount as decimal(38, 12)) as multiplied_credit_amount,
    goal_cap_amount,
    cast(goal_credit_amount as decimal(18, 3)) as goal_credit_amount,
    period_cap_amount,
    credit_amount,
    currency,
    cap_applied,
    why,
    excluded_by,
    excluded_reason,
    excluded_evidence,
    status,
    approved_amount,
    decided_by,
    decided_date,
    decision_reason,
    applied_by,
    applied_date,
    applied_reference,
    earn_back_state,
    case when earned_back_amount > 0 then earned_back_period end as earned_back_period,
    cast(earned_back_amount as decimal(18, 3)) as earned_back_amount,
    cast(owed_amount - earned_back_amount as decimal(18, 3)) as net_credit_amount,
    signed_release_id is not null as is_signed,
    signed_release_id
from final
