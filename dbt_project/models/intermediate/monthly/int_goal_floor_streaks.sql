-- Months whose result lies under the severity floor that their version names (T1c). Whole numbers against an exact decimal.
with

judged as (

    select
        goals.*,
        agreements.raises_flags,
        agreements.flag_severity_floor,
        coalesce(
            cast(goals.met_count as decimal(18, 0))
            < agreements.flag_severity_floor * cast(goals.decided_count as decimal(18, 0)),
            false
        ) as is_missed
    from {{ ref('int_goal_periods_judged') }} as goals
    inner join {{ ref('stg_config__agreements') }} as agreements on goals.agreement_key = agreements.agreement_key
    where goals.is_goal_met is not null

),

marked as (

    select
        *,
        not is_missed as is_met
    from judged

),

streaks as (

    select * from ({{ with_streaks('marked', ['agreement_id', 'goal_id']) }}) as numbered

)

select
    *,
    {{ streak_periods_json(['agreement_id', 'goal_id', 'streak_number']) }} as periods_json
from streaks
