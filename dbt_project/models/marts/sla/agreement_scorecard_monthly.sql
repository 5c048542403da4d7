with

goals as (

    select
        agreement_id,
        period,
        max(agreement_key) as agreement_key,
        count(case when is_goal_met then 1 end) as goals_met_count,
        count(case when not is_goal_met then 1 end) as goals_missed_count,
        count(case when is_goal_met is null then 1 end) as goals_indeterminate_count,
        bool_and(is_signed) as is_signed
    from {{ ref('agreement_goal_monthly') }}
    group by agreement_id, period

),

flags as (

    select
        agreement_id,
        last_period as period,
        count(*) as flag_raised_count,
        count(case when state in ('raised', 'in_review') then 1 end) as open_flag_count
    from {{ ref('fct_termination_review_flag') }}
    group by agreement_id, last_period

),

credits as (

    select
        agreement_id,
        period,
        sum(credit_amount) as credit_amount,
        max(currency) as currency
    from {{ ref('fct_service_credit') }}
    group by agreement_id, period

),

-- In the month at whose close they went back: the months that they are of stay as they are (D11).
earned_back as (

    select
        agreement_id,
        earned_back_period as period,
        sum(earned_back_amount) as earned_back_amount
    from {{ ref('fct_service_credit') }}
    where earned_back_period is not null
    group by agreement_id, earned_back_period

)

select
    goals.agreement_id,
    goals.agreement_key,
    agreements.title as agreement_title,
    agreements.kind,
    goals.period,
    goals.goals_met_count,
    goals.goals_missed_count,
    goals.goals_indeterminate_count,
    cast(credits.credit_amount as decimal(18, 3)) as credit_amount,
    cast(
        case when credits.currency is not null then coalesce(earned_back.earned_back_amount, 0) end as decimal(18, 3)
    ) as earned_back_amount,
    credits.currency,
    coalesce(flags.flag_raised_count, 0) as flag_raised_count,
    coalesce(flags.open_flag_count, 0) as open_flag_count,
    goals.is_signed
from goals
inner join {{ ref('stg_config__agreements') }} as agreements on goals.agreement_key = agreements.agreement_key
left join flags on goals.agreement_id = flags.agreement_id and goals.period = flags.period
left join credits on goals.agreement_id = credits.agreement_id and goals.period = credits.period
left join earned_back on goals.agreement_id = earned_back.agreement_id and goals.period = earned_back.period
