{{ config(materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail') }}
with

clocks as (

    select * from {{ ref('int_clocks_measured') }}

),

conversations as (

    select
        conversation_key,
        conversation_id,
        source,
        channel_id,
        source_conversation_id,
        source || ':' || account || ':' as id_prefix,
        excluded_reason,
        excluded_evidence,
        'merged into ' || merged_into_conversation_id as merged_evidence
    from {{ ref('int_conversations') }}
    where {{ is_touched('conversation_key') }}

),

final as (

    select
        {{ hash_id(['goals.agreement_id', 'goals.goal_id', 'conversations.conversation_id', 'clocks.cycle_number']) }}
            as clock_id,
        goals.agreement_id,
        cast(case when clocks.has_agreement then goals.version end as integer) as agreement_version,
        goals.goal_id,
        goals.goal_key,
        goals.metric,
        conversations.source,
        conversations.channel_id,
        clocks.conversation_key,
        conversations.conversation_id,
        conversations.source_conversation_id,
        cast(clocks.cycle_number as integer) as cycle_number,
        conversations.id_prefix || clocks.source_message_id as message_id,
        conversations.id_prefix || clocks.response_source_message_id as response_message_id,
        conversations.id_prefix || clocks.source_team_id as team_id,
        -- Where no agreement is in force none lets people be measured (P4).
        case
            when clocks.has_agreement and goals.measures_people then conversations.id_prefix || clocks.source_team_member_id
        end as team_member_id,
        clocks.priority_at_start as priority,
        clocks.priority_at_decision,
        goals.schedule_id,
        goals.basis,
        goals.goal_rate,
        cast(clocks.target_seconds as bigint) as target_seconds,
        cast(clocks.target_seconds_at_start as bigint) as target_seconds_at_start,
        {{ from_epoch_seconds('clocks.started_epoch') }} as started_at,
        {{ word('started_by', 'clocks.started_by') }} as started_by,
        {{ from_epoch_seconds('clocks.stopped_epoch') }} as stopped_at,
        {{ word('stop_reason', 'clocks.stop_reason') }} as stop_reason,
        {{ from_epoch_seconds('clocks.due_epoch') }} as due_at,
        cast(clocks.elapsed_seconds as bigint) as elapsed_seconds,
        cast(clocks.elapsed_business_seconds as bigint) as elapsed_business_seconds,
        cast(clocks.elapsed_calendar_seconds as bigint) as elapsed_calendar_seconds,
        cast(clocks.paused_seconds as bigint) as paused_seconds,
        cast(clocks.paused_business_seconds as bigint) as paused_business_seconds,
        {{ word('outcome', 'clocks.outcome') }} as outcome,
        clocks.excluded_reason,
        case
            when clocks.excluded_reason is null then null
            when clocks.excluded_reason = conversations.excluded_reason
                then coalesce(conversations.excluded_evidence, clocks.excluded_reason)
            when clocks.excluded_reason = 'merged' then conversations.merged_evidence
            else clocks.excluded_reason
        end as excluded_evidence,
        clocks.is_clock_skewed,
        {{ from_epoch_seconds('clocks.decided_epoch') }} as decided_at,
        decided_periods.period as decided_period,
        started_periods.period as started_period
    from clocks
    inner join {{ ref('int_clock_goals') }} as goals on clocks.terms_number = goals.terms_number
    inner join conversations on clocks.conversation_key = conversations.conversation_key
    left join {{ ref('int_period_days') }} as decided_periods
        on
            goals.timezone_number = decided_periods.timezone_number
            and {{ whole_days('clocks.decided_epoch') }} = decided_periods.day_number
            and clocks.decided_epoch >= decided_periods.starts_epoch
            and clocks.decided_epoch < decided_periods.ends_epoch
    left join {{ ref('int_period_days') }} as started_periods
        on
            goals.timezone_number = started_periods.timezone_number
            and {{ whole_days('clocks.started_epoch') }} = started_periods.day_number
            and clocks.started_epoch >= started_periods.starts_epoch
            and clocks.started_epoch < started_periods.ends_epoch

)

select * from final
