-- Decided clocks by the month that holds their decision (D7); excluded and open ones by the month in which they started.
with

clocks as (

    select * from {{ ref('fct_sla_clock') }}
    where agreement_version is not null

),

decided as (

    select
        agreement_id,
        goal_id,
        decided_period as period,
        count(*) as decided_count,
        count(case when outcome = 'met' then 1 end) as met_count,
        count(case when outcome = 'missed' then 1 end) as missed_count,
        count(distinct conversation_id) as conversation_decided_count,
        count(distinct case when outcome = 'missed' then conversation_id end) as conversation_missed_count,
        count(stopped_at) as stopped_count,
        {{ percentile('elapsed_seconds', 0.5, 'stopped_at is not null') }} as p50_seconds,
        {{ percentile('elapsed_seconds', 0.9, 'stopped_at is not null') }} as p90_seconds
    from clocks
    where outcome in ('met', 'missed')
    group by agreement_id, goal_id, decided_period

),

started as (

    select
        agreement_id,
        goal_id,
        started_period as period,
        count(*) as started_count,
        count(case when outcome = 'excluded' then 1 end) as excluded_count,
        count(case when outcome in ('running', 'paused') then 1 end) as running_count
    from clocks
    group by agreement_id, goal_id, started_period

),

final as (

    select
        periods.agreement_id,
        periods.goal_id,
        periods.period,
        coalesce(decided.decided_count, 0) as decided_count,
        coalesce(decided.met_count, 0) as met_count,
        coalesce(decided.missed_count, 0) as missed_count,
        coalesce(started.excluded_count, 0) as excluded_count,
        coalesce(started.running_count, 0) as running_count,
        coalesce(started.started_count, 0) as started_count,
        coalesce(decided.stopped_count, 0) as stopped_count,
        coalesce(decided.conversation_decided_count, 0) as conversation_decided_count,
        coalesce(decided.conversation_decided_count, 0) - coalesce(decided.conversation_missed_count, 0)
            as conversation_met_count,
        coalesce(decided.conversation_missed_count, 0) as conversation_missed_count,
        decided.p50_seconds,
        decided.p90_seconds
    from {{ ref('int_goal_periods') }} as periods
    left join decided
        on
            periods.agreement_id = decided.agreement_id
            and periods.goal_id = decided.goal_id
            and periods.period = decided.period
    left join started
        on
            periods.agreement_id = started.agreement_id
            and periods.goal_id = started.goal_id
            and periods.period = started.period

)

select * from final
