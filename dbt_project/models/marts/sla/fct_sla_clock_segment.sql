{{ config(materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail') }}
-- depends_on: {{ ref('int_touched_conversations') }}
-- A clock's running and paused stretches, from its start to its stop or as_of. Pauses that touch are one stretch; a running
-- stretch is cut where a priority re-targeted the clock. Stretches without length are left out, unless the clock has no other.
with

clocks as (

    select
        clock_key,
        conversation_key,
        terms_number,
        cycle_number,
        schedule_number,
        started_epoch,
        ended_epoch,
        started_by,
        stop_reason
    from {{ ref('int_clocks_started') }}
    where
        candidate_number = 0
        or clock_key in (select choices.clock_key from {{ ref('int_clock_choices') }} as choices)

),

pauses as (

    select
        clock_key,
        from_epoch,
        to_epoch,
        status,
        lag(to_epoch) over chronological as previous_to_epoch,
        lead(from_epoch) over chronological as next_from_epoch
    from {{ ref('int_clock_pauses') }}
    where to_epoch > from_epoch and clock_key in (select clocks.clock_key from clocks)
    window chronological as (partition by clock_key order by from_epoch)

),

-- An instant at which a stretch begins, by its cause. Where several fall on one instant, the pause or its end is what counts.
marks as (

    select
        clock_key,
        started_epoch as began_epoch,
        0 as mark_rank,
        false as is_paused,
        {{ word('started_by', 'started_by') }} as cause
    from clocks
    union all
    select
        clock_key,
        from_epoch as began_epoch,
        2 as mark_rank,
        true as is_paused,
        'status:' || status as cause
    from pauses
    where previous_to_epoch is distinct from from_epoch
    union all
    select
        ended.clock_key,
        ended.to_epoch as began_epoch,
        2 as mark_rank,
        false as is_paused,
        'status:' || changes.status as cause
    from (
        select
            pauses.clock_key,
            pauses.to_epoch,
            clocks.conversation_key
        from pauses
        inner join clocks on pauses.clock_key = clocks.clock_key and pauses.to_epoch < clocks.ended_epoch
        where pauses.next_from_epoch is distinct from pauses.to_epoch
    ) as ended
    inner join {{ ref('int_status_changes') }} as changes
        on
            ended.conversation_key = changes.conversation_key
            and ended.to_epoch = {{ epoch_seconds('changes.changed_at') }}
            and (changes.until_at is null or changes.until_at > changes.changed_at)
    union all
    select
        clocks.clock_key,
        {{ epoch_seconds('changes.changed_at') }} as began_epoch,
        1 as mark_rank,
        cast(null as boolean) as is_paused,
        'priority:' || coalesce(changes.priority, 'none') as cause
    from clocks
    inner join {{ ref('int_clock_retargets') }} as retargets on clocks.clock_key = retargets.clock_key
    inner join {{ ref('int_priority_changes') }} as changes
        on
            clocks.conversation_key = changes.conversation_key
            and {{ epoch_seconds('changes.changed_at') }} > clocks.started_epoch
            and {{ epoch_seconds('changes.changed_at') }} < clocks.ended_epoch
            and (changes.until_at is null or changes.until_at > changes.changed_at)

),

one_an_instant as (

    select
        clock_key,
        began_epoch,
        max_by(is_paused, mark_rank) as is_paused,
        coalesce(max(case when mark_rank = 0 then cause end), max_by(cause, mark_rank)) as cause
    from marks
    group by clock_key, began_epoch

),

stretches as (

    select
        marks.clock_key,
        marks.began_epoch,
        marks.cause,
        last_value(marks.is_paused ignore nulls) over (
            chronological rows between unbounded preceding and current row
        ) as is_paused,
        lead(marks.began_epoch) over chronological as next_epoch,
        lead(marks.cause) over chronological as next_cause,
        row_number() over chronological as segment_number
    from one_an_instant as marks
    window chronological as (partition by marks.clock_key order by marks.began_epoch)

),

final as (

    select
        {{ hash_id(['goals.agreement_id', 'goals.goal_id', 'conversations.conversation_id', 'clocks.cycle_number']) }}
            as clock_id,
        clocks.conversation_key,
        cast(stretches.segment_number as integer) as segment_number,
        case when stretches.is_paused then 'paused' else 'running' end as state,
        {{ from_epoch_seconds('stretches.began_epoch') }} as began_at,
        stretches.cause as began_by,
        {{ from_epoch_seconds('coalesce(stretches.next_epoch, clocks.ended_epoch)') }} as ended_at,
        coalesce(stretches.next_cause, {{ word('stop_reason', 'clocks.stop_reason') }}, 'as_of') as ended_by,
        cast(
            case
                when clocks.schedule_number is null
                    then coalesce(stretches.next_epoch, clocks.ended_epoch) - stretches.began_epoch
                else
                    {{ position_at('there', 'coalesce(stretches.next_epoch, clocks.ended_epoch)') }}
                    - {{ position_at('here', 'stretches.began_epoch') }}
            end as bigint
        ) as business_seconds,
        cast(coalesce(stretches.next_epoch, clocks.ended_epoch) - stretches.began_epoch as bigint) as calendar_seconds
    from stretches
    inner join clocks on stretches.clock_key = clocks.clock_key
    inner join {{ ref('int_clock_goals') }} as goals on clocks.terms_number = goals.terms_number
    inner join {{ ref('int_conversations') }} as conversations on clocks.conversation_key = conversations.conversation_key
    {{ join_schedule_at('here', 'clocks.schedule_number', 'stretches.began_epoch') }}
    {{ join_schedule_at('there', 'clocks.schedule_number', 'coalesce(stretches.next_epoch, clocks.ended_epoch)') }}

)

select * from final
