{#
    Turns of conversations (M1, M2, D15), from a timeline (see clock_timeline).

    The first turn runs from the first eligible inbound message to the first response after it, whatever is closed in between.
    Every later turn runs from the first inbound message after a response or a closing to the next response or closing.
    Closing neither stops nor meets the first turn: closed without any response it is missed once due has passed (M1).
    A turn's start is the oldest start among its inbound messages (a message moved by a merge brings its own time, D9).
    A response before the start by the clocks of two systems stops the turn at its start (D14).
#}
{% macro clock_turns(timeline) -%}
    with

    counted as (

        select *
        from {{ timeline }}
        where inbound_so_far > 0 and event <> {{ code('event', 'reopening') }}

    ),

    first_responses as (

        select
            way_number,
            conversation_key,
            min(event_number) as event_number
        from counted
        where event = {{ code('event', 'response') }}
        group by way_number, conversation_key

    ),

    -- Every response and closing ends a turn; up to the first response there is one turn only.
    grouped as (

        select
            counted.*,
            case
                when counted.event_number <= coalesce(first_responses.event_number, counted.event_number) then 0
                else 1 + counted.enders_before
            end as turn_group,
            -- In order of start, then of events; the last bit says that a merge brought it.
            (counted.start_epoch * 4194304 + least(counted.event_number, 4194303)) * 2
            + case when counted.is_moved then 1 else 0 end as start_rank
        from counted
        left join first_responses
            on
                counted.way_number = first_responses.way_number
                and counted.conversation_key = first_responses.conversation_key

    ),

    turns as (

        select
            way_number,
            conversation_key,
            turn_group,
            min(start_epoch) as started_epoch,
            min_by(reference, start_rank) as source_message_id,
            min(start_rank) % 2 = 1 as is_moved,
            max(case when event = {{ code('event', 'response') }} or turn_group > 0 and event = {{ code('event', 'closing') }} then event_epoch end)
                as ended_epoch,
            max(case when event = {{ code('event', 'response') }} then reference end) as response_source_message_id,
            bool_or(is_clock_skewed) as is_clock_skewed,
            count(start_epoch) as inbound_count
        from grouped
        group by way_number, conversation_key, turn_group
        having count(start_epoch) > 0

    )

    select
        way_number,
        conversation_key,
        row_number() over (partition by way_number, conversation_key order by turn_group) as turn_number,
        turn_group,
        started_epoch,
        source_message_id,
        is_moved,
        case when ended_epoch is not null then greatest(ended_epoch, started_epoch) end as stopped_epoch,
        case
            when response_source_message_id is not null then {{ code('stop_reason', 'response') }}
            when ended_epoch is not null then {{ code('stop_reason', 'closed_without_reply') }}
        end as stop_reason,
        response_source_message_id,
        is_clock_skewed or coalesce(ended_epoch < started_epoch, false) as is_clock_skewed,
        inbound_count,
        -- The stop's own second, for what is judged anew (D16).
        ended_epoch
    from turns
{%- endmacro %}
