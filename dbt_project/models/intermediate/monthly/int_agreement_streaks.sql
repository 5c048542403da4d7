-- Any-goal mode (T2): a month is missed if any goal is missed, else indeterminate if any is, else met.
with

agreement_periods as (

    select
        agreement_id,
        period,
        max(agreement_key) as agreement_key,
        max(ends_at) as ends_at,
        bool_or(coalesce(not is_goal_met, false)) as is_missed,
        bool_and(coalesce(is_goal_met, false)) as is_met
    from {{ ref('int_goal_periods_judged') }}
    group by agreement_id, period

)

select * from ({{ with_streaks('agreement_periods', ['agreement_id']) }}) as streaks
