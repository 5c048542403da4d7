with

clocks as (

    select * from {{ ref('int_clocks_measured') }}

),

final as (

    select
        clocks.clock_id,
        clocks.agreement_id,
        clocks.agreement_key,
        cast(case when clocks.has_agreement then clocks.version end as integer) as agreement_version,
        clocks.goal_id,
        clocks.goal_key,
        clocks.metric,
        clocks.subject,
        clocks.source,
        clocks.channel_id,
        clocks.conversation_id,
        clocks.source_conversation_id,
        cast(clocks.cycle_number as integer) as cycle_number,
        clocks.message_id,
        clocks.response_message_id,
        clocks.customer_key,
        clocks.team_id,
        clocks.team_member_id,
        clocks.priority_at_start as priority,
        clocks.priority_at_decision,
        clocks.schedule_id,
        clocks.basis,
        clocks.goal_rate,
        cast(clocks.target_seconds as bigint) as target_seconds,
        cast(clocks.target_seconds_at_start as bigint) as target_seconds_at_start,
        clocks.started_at,
        clocks.started_by,
        clocks.stopped_at,
        clocks.stop_reason,
        clocks.due_at,
        cast(clocks.elapsed_seconds as bigint) as elapsed_seconds,
        cast(clocks.elapsed_business_seconds as bigint) as elapsed_business_seconds,
        cast(clocks.elapsed_calendar_seconds as bigint) as elapsed_calendar_seconds,
        cast(clocks.paused_seconds as bigint) as paused_seconds,
        cast(clocks.paused_business_seconds as bigint) as paused_business_seconds,
        clocks.outcome,
        clocks.excluded_reason,
        case when clocks.excluded_reason is not null then coalesce(clocks.excluded_evidence, clocks.excluded_reason) end
            as excluded_evidence,
        clocks.is_clock_skewed,
        clocks.decided_at,
        decided_periods.period as decided_period,
        started_periods.period as started_period
    from clocks
    left join {{ ref('int_period_months') }} as decided_periods
        on
            clocks.timezone = decided_periods.timezone
            and cast(date_trunc('month', clocks.decided_at) as date) = decided_periods.utc_month
            and clocks.decided_at >= decided_periods.starts_at
            and clocks.decided_at < decided_periods.ends_at
    left join {{ ref('int_period_months') }} as started_periods
        on
            clocks.timezone = started_periods.timezone
            and cast(date_trunc('month', clocks.started_at) as date) = started_periods.utc_month
            and clocks.started_at >= started_periods.starts_at
            and clocks.started_at < started_periods.ends_at

)

select * from final
