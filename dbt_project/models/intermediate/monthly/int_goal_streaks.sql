with

periods as (

    select
        *,
        coalesce(not is_goal_met, false) as is_missed,
        coalesce(is_goal_met, false) as is_met
    from {{ ref('int_goal_periods_judged') }}

)

select * from ({{ with_streaks('periods', ['agreement_id', 'goal_id']) }}) as streaks
