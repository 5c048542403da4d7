-- Every run of every shape of goal: where it starts and stops, before it is known whose goals it is measured by. Where a message
-- was deleted that may start a clock, there is one run for each that may (candidate_number from 1, D16), and one more that looks
-- at the clock as it was at the deletion (until_epoch), to see whether it was past due by then.
with

shapes as (

    select * from {{ ref('int_clock_shapes') }}

),

turns as (

    select
        shapes.shape_number,
        turns.conversation_key,
        turns.turn_number as cycle_number,
        turns.started_epoch,
        case
            when turns.is_moved then {{ code('started_by', 'moved_by_merge') }}
            when turns.turn_number = 1 then {{ code('started_by', 'first_inbound') }}
            else {{ code('started_by', 'inbound_turn') }}
        end as started_by,
        turns.source_message_id,
        turns.stopped_epoch,
        turns.stop_reason,
        turns.response_source_message_id,
        turns.is_clock_skewed,
        cast(null as varchar) as source_team_id,
        turns.way_number,
        turns.turn_group as candidate_group,
        turns.ended_epoch,
        turns.ended_epoch as first_stop_epoch
    from {{ ref('int_turns') }} as turns
    inner join shapes
        on
            turns.way_number = shapes.way_number
            and shapes.metric = case when turns.turn_number = 1 then 'first_response' else 'next_response' end

),

resolutions as (

    select
        shapes.shape_number,
        resolutions.conversation_key,
        resolutions.cycle_number,
        resolutions.started_epoch,
        resolutions.started_by,
        resolutions.source_message_id,
        resolutions.stopped_epoch,
        resolutions.stop_reason,
        cast(null as varchar) as response_source_message_id,
        resolutions.is_clock_skewed,
        cast(null as varchar) as source_team_id,
        resolutions.way_number,
        case when resolutions.measure <> 'cycle' then -1 end as candidate_group,
        resolutions.ended_epoch,
        resolutions.first_solved_epoch as first_stop_epoch
    from {{ ref('int_resolutions') }} as resolutions
    inner join shapes
        on
            resolutions.way_number = shapes.way_number
            and (
                (resolutions.measure = 'first' and shapes.metric in ('first_resolution', 'resolution_cycle'))
                or (resolutions.measure = 'cycle' and shapes.metric = 'resolution_cycle')
                or (
                    resolutions.measure = 'full'
                    and shapes.metric in ('full_resolution', 'requester_wait', 'agent_work')
                )
            )

),

updates as (

    select
        shapes.shape_number,
        updates.conversation_key,
        updates.cycle_number,
        updates.started_epoch,
        updates.started_by,
        updates.source_message_id,
        updates.stopped_epoch,
        updates.stop_reason,
        updates.response_source_message_id,
        updates.is_clock_skewed,
        cast(null as varchar) as source_team_id,
        updates.way_number,
        case
            when updates.started_by in ({{ code('started_by', 'first_inbound') }}, {{ code('started_by', 'moved_by_merge') }})
                then -1
        end as candidate_group,
        updates.ended_epoch,
        updates.ended_epoch as first_stop_epoch
    from {{ ref('int_updates') }} as updates
    inner join shapes
        on updates.way_number = shapes.way_number and shapes.metric in ('periodic_update', 'pausable_update')

),

ownerships as (

    select
        shapes.shape_number,
        ownerships.conversation_key,
        ownerships.cycle_number,
        ownerships.started_epoch,
        ownerships.started_by,
        ownerships.source_message_id,
        ownerships.stopped_epoch,
        ownerships.stop_reason,
        cast(null as varchar) as response_source_message_id,
        false as is_clock_skewed,
        ownerships.source_team_id,
        ownerships.way_number,
        cast(null as integer) as candidate_group,
        ownerships.stopped_epoch as ended_epoch,
        ownerships.stopped_epoch as first_stop_epoch
    from {{ ref('int_ownerships') }} as ownerships
    inner join shapes on ownerships.way_number = shapes.way_number and shapes.metric = 'ownership_time'

),

runs as (

    select * from turns
    union all
    select * from resolutions
    union all
    select * from updates
    union all
    select * from ownerships

),

candidates as (

    select
        candidates.*,
        {{ epoch_seconds('conversations.merged_at') }} as merged_epoch
    from {{ ref('int_clock_candidates') }} as candidates
    inner join {{ ref('int_conversations') }} as conversations on candidates.conversation_key = conversations.conversation_key

),

with_candidates as (

    select distinct
        way_number,
        conversation_key,
        candidate_group
    from candidates

),

of_candidates as (

    select
        runs.*,
        candidates.candidate_number,
        candidates.start_epoch,
        candidates.source_message_id as candidate_message_id,
        candidates.is_moved,
        candidates.deleted_epoch,
        -- Before the answer, and not after the merge that the clock was open at; whether it was past due is seen later.
        coalesce(
            candidates.deleted_epoch < coalesce(runs.first_stop_epoch, {{ forever() }})
            and (
                runs.first_stop_epoch is not null
                or candidates.merged_epoch is null
                or candidates.deleted_epoch <= candidates.merged_epoch
            ), false
        ) as may_leave
    from runs
    inner join candidates
        on
            runs.way_number = candidates.way_number
            and runs.conversation_key = candidates.conversation_key
            and runs.candidate_group = candidates.candidate_group
            and (
                runs.candidate_group >= 0
                or candidates.candidate_number = 1
                or candidates.event_epoch <= coalesce(runs.first_stop_epoch, {{ forever() }})
            )

)

select
    runs.shape_number,
    runs.conversation_key,
    runs.cycle_number,
    runs.started_epoch,
    runs.started_by,
    runs.source_message_id,
    runs.stopped_epoch,
    runs.stop_reason,
    runs.response_source_message_id,
    runs.is_clock_skewed,
    runs.source_team_id,
    0 as candidate_number,
    false as may_leave,
    cast(null as bigint) as until_epoch
from runs
left join with_candidates
    on
        runs.way_number = with_candidates.way_number
        and runs.conversation_key = with_candidates.conversation_key
        and runs.candidate_group = with_candidates.candidate_group
where with_candidates.conversation_key is null
union all
select
    of_candidates.shape_number,
    of_candidates.conversation_key,
    of_candidates.cycle_number,
    of_candidates.start_epoch as started_epoch,
    case
        when of_candidates.is_moved then {{ code('started_by', 'moved_by_merge') }}
        when of_candidates.candidate_group > 0 then {{ code('started_by', 'inbound_turn') }}
        else {{ code('started_by', 'first_inbound') }}
    end as started_by,
    of_candidates.candidate_message_id as source_message_id,
    case
        when not looks.is_probe and of_candidates.ended_epoch is not null
            then greatest(of_candidates.ended_epoch, of_candidates.start_epoch)
    end as stopped_epoch,
    case when not looks.is_probe then of_candidates.stop_reason end as stop_reason,
    case when not looks.is_probe then of_candidates.response_source_message_id end as response_source_message_id,
    of_candidates.is_clock_skewed or coalesce(of_candidates.ended_epoch < of_candidates.start_epoch, false) as is_clock_skewed,
    of_candidates.source_team_id,
    of_candidates.candidate_number,
    of_candidates.may_leave,
    case when looks.is_probe then of_candidates.deleted_epoch end as until_epoch
from of_candidates
inner join (
    select false as is_probe
    union all
    select true as is_probe
) as looks
    on not looks.is_probe or of_candidates.may_leave
