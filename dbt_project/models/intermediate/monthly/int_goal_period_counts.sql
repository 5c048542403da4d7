-- Decided clocks by the month that holds their decision (D7); excluded and open ones by the month in which they started; cohort:
-- what became of the clocks that started in it (D7). This runs in every build over every clock, so it reads them narrowly: for
-- the counts, for the percentiles, and for the conversations of those goals alone that have several clocks a conversation.
with

counted as (

    select
        agreement_id,
        goal_id,
        started_period,
        decided_period,
        count(*) as clock_count,
        count(case when outcome = 'met' then 1 end) as met_count,
        count(case when outcome = 'missed' then 1 end) as missed_count,
        count(case when outcome = 'excluded' then 1 end) as excluded_count,
        count(case when outcome in ('running', 'paused') then 1 end) as running_count,
        count(case when outcome in ('met', 'missed') then stopped_at end) as stopped_count,
        max(cycle_number) as last_cycle_number
    from {{ ref('fct_sla_clock') }}
    where agreement_version is not null
    group by agreement_id, goal_id, started_period, decided_period

),

decided as (

    select
        agreement_id,
        goal_id,
        decided_period as period,
        cast(sum(met_count + missed_count) as bigint) as decided_count,
        cast(sum(met_count) as bigint) as met_count,
        cast(sum(missed_count) as bigint) as missed_count,
        cast(sum(stopped_count) as bigint) as stopped_count,
        -- First cycles only: every clock is of another conversation, and nothing has to be told apart.
        coalesce(max(last_cycle_number) > 1, true) as has_several_a_conversation
    from counted
    where decided_period is not null
    group by agreement_id, goal_id, decided_period

),

started as (

    select
        agreement_id,
        goal_id,
        started_period as period,
        cast(sum(clock_count) as bigint) as started_count,
        cast(sum(excluded_count) as bigint) as excluded_count,
        cast(sum(running_count) as bigint) as running_count,
        cast(sum(met_count) as bigint) as cohort_met_count,
        cast(sum(missed_count) as bigint) as cohort_missed_count
    from counted
    group by agreement_id, goal_id, started_period

),

percentiles as (

    select
        agreement_id,
        goal_id,
        decided_period as period,
        {{ percentile('elapsed_seconds', 0.5) }} as p50_seconds,
        {{ percentile('elapsed_seconds', 0.9) }} as p90_seconds
    from {{ ref('fct_sla_clock') }}
    where agreement_version is not null and decided_period is not null and stopped_at is not null
    group by agreement_id, goal_id, decided_period

),

conversations as (

    select
        clocks.agreement_id,
        clocks.goal_id,
        clocks.decided_period as period,
        count(distinct clocks.conversation_key) as decided_count,
        count(distinct case when clocks.outcome = 'missed' then clocks.conversation_key end) as missed_count
    from {{ ref('fct_sla_clock') }} as clocks
    inner join decided
        on
            clocks.agreement_id = decided.agreement_id
            and clocks.goal_id = decided.goal_id
            and clocks.decided_period = decided.period
            and decided.has_several_a_conversation
    where clocks.agreement_version is not null
    group by clocks.agreement_id, clocks.goal_id, clocks.decided_period

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
        coalesce(started.cohort_met_count, 0) as cohort_met_count,
        coalesce(started.cohort_missed_count, 0) as cohort_missed_count,
        coalesce(decided.stopped_count, 0) as stopped_count,
        coalesce(conversations.decided_count, decided.decided_count, 0) as conversation_decided_count,
        coalesce(
            conversations.decided_count - conversations.missed_count,
            decided.decided_count - decided.missed_count,
            0
        ) as conversation_met_count,
        coalesce(conversations.missed_count, decided.missed_count, 0) as conversation_missed_count,
        percentiles.p50_seconds,
        percentiles.p90_seconds
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
    left join percentiles
        on
            periods.agreement_id = percentiles.agreement_id
            and periods.goal_id = percentiles.goal_id
            and periods.period = percentiles.period
    left join conversations
        on
            periods.agreement_id = conversations.agreement_id
            and periods.goal_id = conversations.goal_id
            and periods.period = conversations.period

)

select * from final
