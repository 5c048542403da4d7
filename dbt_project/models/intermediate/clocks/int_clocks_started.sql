-- Every clock with the terms in force when it started (D4): agreement version, goal, priority, target, team, and its business
-- position at both ends (D1). One row a clock. A clock that nothing has stopped ends at as_of.
-- The target is that of the priority at the start, else the one named default (D19); a business day counts from the scheduled day
-- that holds the first open second at or after the start (D13).
with

targets as (

    select
        goal_targets.goal_key,
        numbers.goal_number,
        goal_targets.priority,
        goal_targets.target_value,
        goal_targets.target_unit,
        goal_targets.target_seconds
    from {{ ref('stg_config__goal_targets') }} as goal_targets
    inner join (
        select distinct
            goal_key,
            goal_number
        from {{ ref('int_clock_goals') }}
    ) as numbers on goal_targets.goal_key = numbers.goal_key

),

run as (

    select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}

),

conversations as (

    select
        conversations.conversation_key,
        channels.channel_number,
        {{ epoch_seconds('conversations.merged_at') }} as merged_epoch,
        conversations.excluded_reason
    from {{ ref('int_conversations') }} as conversations
    inner join (
        select distinct
            channel_id,
            channel_number
        from {{ ref('int_clock_goals') }}
    ) as channels on conversations.channel_id = channels.channel_id
    where {{ is_touched('conversations.conversation_key') }}

),

goals as (

    select
        terms_number,
        channel_number,
        shape_number,
        goal_number,
        schedule_number,
        is_business,
        priorities,
        source_team_ids,
        has_agreement,
        terms_from_epoch,
        terms_to_epoch
    from {{ ref('int_clock_goals') }}

),

assignments as (

    select
        conversation_key,
        {{ epoch_seconds('changed_at') }} as from_epoch,
        coalesce({{ epoch_seconds('until_at') }}, {{ forever() }}) as to_epoch,
        source_team_id,
        source_team_member_id
    from {{ ref('int_assignments') }}
    where until_at is null or until_at > changed_at

),

priorities as (

    select
        conversation_key,
        {{ epoch_seconds('changed_at') }} as from_epoch,
        coalesce({{ epoch_seconds('until_at') }}, {{ forever() }}) as to_epoch,
        priority
    from {{ ref('int_priority_changes') }}
    where until_at is null or until_at > changed_at

),

started as (

    select
        {{ clock_key(
            'goals.goal_number', 'runs.conversation_key', 'runs.cycle_number', 'runs.candidate_number', 'runs.until_epoch'
        ) }} as clock_key,
        runs.conversation_key,
        goals.terms_number,
        goals.goal_number,
        goals.schedule_number,
        goals.is_business,
        goals.has_agreement,
        runs.cycle_number,
        runs.started_epoch,
        runs.started_by,
        runs.source_message_id,
        runs.stopped_epoch,
        runs.stop_reason,
        runs.response_source_message_id,
        runs.is_clock_skewed,
        runs.candidate_number,
        runs.may_leave,
        runs.until_epoch,
        conversations.excluded_reason as conversation_excluded_reason,
        conversations.merged_epoch,
        priorities.priority as priority_at_start,
        coalesce(runs.source_team_id, assignments.source_team_id) as source_team_id,
        assignments.source_team_member_id
    from {{ ref('int_clock_runs') }} as runs
    inner join conversations on runs.conversation_key = conversations.conversation_key
    inner join goals
        on
            conversations.channel_number = goals.channel_number
            and runs.shape_number = goals.shape_number
            and runs.started_epoch >= goals.terms_from_epoch
            and runs.started_epoch < goals.terms_to_epoch
    left join priorities
        on
            runs.conversation_key = priorities.conversation_key
            and runs.started_epoch >= priorities.from_epoch
            and runs.started_epoch < priorities.to_epoch
    left join assignments
        on
            runs.conversation_key = assignments.conversation_key
            and runs.started_epoch >= assignments.from_epoch
            and runs.started_epoch < assignments.to_epoch
    where
        (goals.priorities is null or {{ array_holds('goals.priorities', 'priorities.priority') }})
        and (goals.source_team_ids is null or {{ array_holds('goals.source_team_ids', 'runs.source_team_id') }})

),

positioned as (

    select
        started.*,
        coalesce(started.stopped_epoch, started.until_epoch, run.as_of_epoch) as ended_epoch,
        {{ position_at('here', 'started.started_epoch') }} as started_position,
        {{ position_at('there', 'coalesce(started.stopped_epoch, started.until_epoch, run.as_of_epoch)') }} as ended_position,
        coalesce(own.priority, fallback.priority) as target_priority,
        coalesce(own.target_unit, fallback.target_unit) as target_unit,
        coalesce(own.target_value, fallback.target_value) as target_value,
        coalesce(own.target_seconds, fallback.target_seconds) as target_seconds
    from started
    cross join run
    left join targets as own
        on started.goal_number = own.goal_number and started.priority_at_start = own.priority
    left join targets as fallback
        on started.goal_number = fallback.goal_number and fallback.priority = 'default'
    {{ join_schedule_at('here', 'started.schedule_number', 'started.started_epoch') }}
    {{ join_schedule_at(
        'there', 'started.schedule_number', 'coalesce(started.stopped_epoch, started.until_epoch, run.as_of_epoch)'
    ) }}

),

final as (

    select
        positioned.* exclude (target_unit, target_value, target_seconds), -- noqa: RF02
        {{ target_in_seconds('positioned', 'first_day', 'last_day') }} as target_seconds
    from positioned
    {{ join_business_days('positioned', 'positioned') }}

)

select * from final
