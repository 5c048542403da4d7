-- Every clock with the terms in force when it started (D4): agreement version, goal, priority, team. One row a clock.
with

conversations as (

    select * from {{ ref('int_conversations') }}

),

turns as (

    select
        turns.responder,
        turns.start_basis,
        turns.conversation_id,
        case when turns.turn_number = 1 then 'first_response' else 'next_response' end as metric,
        turns.turn_number as cycle_number,
        turns.started_at,
        turns.message_id,
        case
            when turns.started_by = 'moved_by_merge' then 'moved_by_merge'
            when turns.turn_number = 1 then 'first_inbound'
            else 'inbound_turn'
        end as started_by,
        turns.stopped_at,
        turns.stop_reason,
        turns.response_message_id,
        turns.is_clock_skewed
    from {{ ref('int_turns') }} as turns

),

runs as (

    select * from turns
    union all
    select
        'none' as responder,
        start_basis,
        conversation_id,
        metric,
        cycle_number,
        started_at,
        message_id,
        started_by,
        stopped_at,
        stop_reason,
        cast(null as varchar) as response_message_id,
        is_clock_skewed
    from {{ ref('int_resolutions') }}

),

located as (

    select
        runs.*,
        conversations.channel_id,
        conversations.source,
        conversations.source_conversation_id,
        conversations.customer_key,
        conversations.excluded_reason as conversation_excluded_reason,
        conversations.excluded_evidence,
        conversations.merged_at,
        conversations.merged_into_conversation_id
    from runs
    inner join conversations on runs.conversation_id = conversations.conversation_id

),

goals as (

    select
        metric as goal_metric,
        channel_id as goal_channel_id,
        responder as goal_responder,
        start_basis as goal_start_basis,
        goal_key,
        agreement_key,
        agreement_id,
        version,
        goal_id,
        subject,
        basis,
        schedule_id,
        basis_schedule_id,
        goal_rate,
        pause_statuses,
        has_pauses,
        priorities,
        timezone,
        measures_people,
        in_force_from_at,
        in_force_to_at,
        goal_from_at,
        goal_to_at
    from {{ ref('int_clock_goals') }}

),

in_force as (

    select
        located.*,
        goals.*,
        true as has_agreement
    from located
    inner join goals
        on
            located.channel_id = goals.goal_channel_id
            and located.metric = goals.goal_metric
            and located.responder = goals.goal_responder
            and located.start_basis = goals.goal_start_basis
            and located.started_at >= goals.in_force_from_at
            and located.started_at < goals.in_force_to_at
            and located.started_at >= goals.goal_from_at
            and located.started_at < goals.goal_to_at

),

-- No version of the agreement is in force at the start (D18): the terms shown are those of the version before, else of the first.
in_gap as (

    select
        located.*,
        goals.*,
        false as has_agreement
    from located
    inner join goals
        on
            located.channel_id = goals.goal_channel_id
            and located.metric = goals.goal_metric
            and located.responder = goals.goal_responder
            and located.start_basis = goals.goal_start_basis
    left join {{ ref('stg_config__agreement_in_force') }} as any_version
        on
            goals.agreement_id = any_version.agreement_id
            and located.started_at >= any_version.from_at
            and located.started_at < coalesce(any_version.to_at, cast('9999-01-01' as timestamp))
    where any_version.agreement_id is null
    qualify row_number() over (
        partition by located.conversation_id, located.metric, located.cycle_number, goals.agreement_id, goals.goal_id
        order by
            goals.in_force_from_at <= located.started_at desc,
            case when goals.in_force_from_at <= located.started_at then goals.in_force_from_at end desc,
            goals.in_force_from_at
    ) = 1

),

candidates as (

    select * from in_force
    union all
    select * from in_gap

),

-- What was in force at each start is looked up once an instant, over few columns: several goals' clocks start together.
starts as (

    select distinct
        conversation_id,
        started_at
    from candidates

),

starts_with_priority as (

    select
        starts.conversation_id,
        starts.started_at,
        priority_changes.priority as priority_at_start
    from starts
    {{ asof_left_join(
        ref('int_priority_changes_newest'), 'priority_changes',
        [['starts.conversation_id', 'conversation_id']], 'starts.started_at', 'changed_at'
    ) }}

),

starts_with_terms as (

    select
        starts.conversation_id,
        starts.started_at,
        starts.priority_at_start,
        assignments.team_id,
        assignments.team_member_id
    from starts_with_priority as starts
    {{ asof_left_join(
        ref('int_assignments_newest'), 'assignments',
        [['starts.conversation_id', 'conversation_id']], 'starts.started_at', 'changed_at'
    ) }}

),

final as (

    select
        {{ hash_id(['agreement_id', 'goal_id', 'conversation_id', 'cycle_number'], of='candidates') }} as clock_id,
        candidates.*,
        terms.priority_at_start,
        terms.team_id,
        case when candidates.measures_people then terms.team_member_id end as team_member_id
    from candidates
    inner join starts_with_terms as terms
        on candidates.conversation_id = terms.conversation_id and candidates.started_at = terms.started_at
    where
        candidates.priorities is null
        or {{ array_holds('candidates.priorities', 'terms.priority_at_start') }}

)

select * from final
