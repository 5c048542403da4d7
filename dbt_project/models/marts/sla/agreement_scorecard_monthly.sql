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
    cast(null as decimal(18, 2)) as credit_amount,
    cast(null as varchar) as currency,
    coalesce(flags.flag_raised_count, 0) as flag_raised_count,
    coalesce(flags.open_flag_count, 0) as open_flag_count,
    goals.is_signed
from goals
inner join {{ ref('stg_config__agreements') }} as agreements on goals.agreement_key = agreements.agreement_key
left join flags on goals.agreement_id = flags.agreement_id and goals.period = flags.period
