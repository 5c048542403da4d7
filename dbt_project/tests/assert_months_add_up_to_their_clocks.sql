-- M6: what the months count is what the clocks decided, unless a month was signed with other figures (D11).
with

clocks as (

    select
        agreement_id,
        goal_id,
        decided_period as period,
        count(*) as decided_count
    from {{ ref('fct_sla_clock') }}
    where decided_at is not null and agreement_version is not null
    group by agreement_id, goal_id, decided_period

)

select
    clocks.agreement_id,
    clocks.goal_id,
    clocks.period,
    clocks.decided_count,
    months.decided_count as month_count
from clocks
left join {{ ref('agreement_goal_monthly') }} as months
    on
        clocks.agreement_id = months.agreement_id
        and clocks.goal_id = months.goal_id
        and clocks.period = months.period
where months.period is null or (months.decided_count <> clocks.decided_count and not months.is_signed)
