-- The error budget of each goal and month (M15): how many clocks may be missed, when the misses became more than that, and, for
-- the month that runs at as_of, when they will at the present pace. A signed month's counts are those that were signed (D11).
with

periods as (

    select
        months.agreement_id,
        months.goal_id,
        months.period,
        months.decided_count,
        months.missed_count,
        months.goal_rate,
        months.ends_at,
        agreements.timezone,
        cast((1 - months.goal_rate) * cast(months.decided_count as decimal(18, 0)) as decimal(24, 6)) as error_budget_count
    from {{ ref('int_goal_periods_judged') }} as months
    inner join {{ ref('stg_config__agreements') }} as agreements on months.agreement_key = agreements.agreement_key

),

burning as (

    select
        *,
        case
            when decided_count > 0 and goal_rate < 1
                then (missed_count / cast(decided_count as double)) / cast(1 - goal_rate as double)
        end as error_budget_burn_rate
    from periods

),

overspent as (

    select * from burning
    where missed_count > error_budget_count

),

-- The first miss that is more than the budget, and its day in the zone that put it into the month: that of its own version.
exhausted as (

    select
        overspent.agreement_id,
        overspent.goal_id,
        overspent.period,
        clocks.agreement_version,
        clocks.decided_at
    from overspent
    inner join {{ ref('fct_sla_clock') }} as clocks
        on
            overspent.agreement_id = clocks.agreement_id
            and overspent.goal_id = clocks.goal_id
            and overspent.period = clocks.decided_period
            and clocks.outcome = 'missed'
    qualify row_number() over (
        partition by overspent.agreement_id, overspent.goal_id, overspent.period
        order by clocks.decided_at, clocks.agreement_version
    ) = floor(overspent.error_budget_count) + 1

),

-- At an even pace the month's budget is used up after the month's length divided by the burn rate: not rounded on the way.
projected as (

    select
        burning.agreement_id,
        burning.goal_id,
        burning.period,
        greatest(
            {{ add_seconds(
                'months.starts_at',
                'cast(floor(' ~ seconds_between('months.starts_at', 'months.ends_at')
                ~ ' * burning.error_budget_count / burning.missed_count) as bigint)'
            ) }},
            {{ as_of() }}
        ) as projected_at
    from burning
    inner join {{ ref('stg_config__periods') }} as months
        on burning.timezone = months.timezone and burning.period = months.period
    where burning.ends_at > {{ as_of() }} and burning.error_budget_burn_rate > 1

),

final as (

    select
        burning.agreement_id,
        burning.goal_id,
        burning.period,
        burning.error_budget_count,
        burning.error_budget_burn_rate,
        {{ local_date('exhausted.decided_at', 'versions.timezone') }} as error_budget_exhausted_date,
        {{ local_date('projected.projected_at', 'burning.timezone') }} as error_budget_projected_date
    from burning
    left join exhausted
        on
            burning.agreement_id = exhausted.agreement_id
            and burning.goal_id = exhausted.goal_id
            and burning.period = exhausted.period
    left join {{ ref('stg_config__agreements') }} as versions
        on
            exhausted.agreement_id = versions.agreement_id
            and exhausted.agreement_version = versions.version
    left join projected
        on
            burning.agreement_id = projected.agreement_id
            and burning.goal_id = projected.goal_id
            and burning.period = projected.period

)

select * from final
