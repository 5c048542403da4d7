-- Goals that were missed in enough of their last months, in a row or not, where the agreement names how many (T1b).
-- A month that is not judged is left out of the window: it neither helps nor harms (T3). How many is said by the version of the
-- month; months of other versions count.
with

judged as (

    select
        goals.*,
        agreements.raises_flags,
        agreements.flag_missed_periods,
        agreements.flag_missed_of_periods,
        row_number() over (partition by goals.agreement_id, goals.goal_id order by goals.period) as judged_number
    from {{ ref('int_goal_periods_judged') }} as goals
    inner join {{ ref('stg_config__agreements') }} as agreements on goals.agreement_key = agreements.agreement_key
    where goals.is_goal_met is not null

),

in_window as (

    select
        judged.agreement_id,
        judged.goal_id,
        judged.period,
        min(goals.period) as window_first_period,
        count(goals.period) as window_missed_count,
        {{ evidence_periods_json('goals') }} as periods_json
    from judged
    inner join judged as goals
        on
            judged.agreement_id = goals.agreement_id
            and judged.goal_id = goals.goal_id
            and not goals.is_goal_met
            and judged.judged_number - judged.flag_missed_of_periods < goals.judged_number
            and judged.judged_number >= goals.judged_number
    group by judged.agreement_id, judged.goal_id, judged.period

),

marked as (

    select
        judged.*,
        in_window.window_first_period,
        coalesce(in_window.window_missed_count, 0) as window_missed_count,
        in_window.periods_json,
        coalesce(not judged.is_goal_met and in_window.window_missed_count >= judged.flag_missed_periods, false) as is_missed,
        coalesce(coalesce(in_window.window_missed_count, 0) < judged.flag_missed_periods, true) as is_met
    from judged
    left join in_window
        on
            judged.agreement_id = in_window.agreement_id
            and judged.goal_id = in_window.goal_id
            and judged.period = in_window.period

)

select * from ({{ with_streaks('marked', ['agreement_id', 'goal_id']) }}) as streaks
