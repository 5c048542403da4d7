{#
    Turns of conversations (M1, M2, D15), from a relation of events (see int_clock_events).

    The first turn runs from the first eligible inbound message to the first response after it, whatever is closed in between.
    Every later turn runs from the first inbound message after a response or a closing to the next response or closing.
    Closing neither stops nor meets the first turn: closed without any response it is missed once due has passed (M1).
    A turn's start is the oldest start among its inbound messages (a message moved by a merge brings its own time, D9).
    A response before the start by the clocks of two systems stops the turn at its start (D14).
    Order: time, then the source's own order, then inbound before outbound before status changes (D14).
#}
{% macro clock_turns(events) -%}
    with

    -- The source's own order decides a second only if everything in that second has one.
    comparable as (

        select
            *,
            case
                when
                    count(source_order) over (partition by responder, start_basis, conversation_id, event_at)
                    = count(*) over (partition by responder, start_basis, conversation_id, event_at)
                    then source_order
            end as comparable_order
        from {{ events }}

    ),

    ordered as (

        select
            *,
            row_number() over (
                partition by responder, start_basis, conversation_id
                order by
                    event_at, comparable_order nulls last, phase, anchor_message_id nulls last, kind, written_at, message_id
            ) as event_number
        from comparable

    ),

    first_inbound as (

        select
            *,
            min(case when kind = 'I' then event_number end)
                over (partition by responder, start_basis, conversation_id) as first_inbound_number
        from ordered

    ),

    first_response as (

        select
            *,
            coalesce(
                min(case when kind = 'R' and event_number > first_inbound_number then event_number end)
                    over (partition by responder, start_basis, conversation_id),
                9223372036854775807
            ) as first_response_number
        from first_inbound
        where event_number >= first_inbound_number

    ),

    grouped as (

        select
            *,
            case
                when event_number <= first_response_number then 0
                else 1 + coalesce(
                    sum(case when kind in ('R', 'C') and event_number > first_response_number then 1 else 0 end) over (
                        partition by responder, start_basis, conversation_id
                        order by event_number
                        rows between unbounded preceding and 1 preceding
                    ), 0
                )
            end as turn_group
        from first_response

    ),

    turns as (

        select
            responder,
            start_basis,
            conversation_id,
            turn_group,
            min(turn_start_at) as started_at,
            min_by(message_id, epoch(turn_start_at) * 4194304 + least(event_number, 4194303)) filter (where kind = 'I') as message_id,
            min_by(started_by, epoch(turn_start_at) * 4194304 + least(event_number, 4194303)) filter (where kind = 'I') as started_by,
            max(case when kind = 'R' or (kind = 'C' and turn_group > 0) then event_at end) as stopped_at,
            max(case when kind = 'R' then message_id end) as response_message_id,
            bool_or(kind = 'R' and is_clock_skewed) as is_clock_skewed,
            count(case when kind = 'I' then 1 end) as inbound_count
        from grouped
        group by responder, start_basis, conversation_id, turn_group
        having count(case when kind = 'I' then 1 end) > 0

    )

    select
        responder,
        start_basis,
        conversation_id,
        row_number() over (partition by responder, start_basis, conversation_id order by turn_group) as turn_number,
        started_at,
        message_id,
        started_by,
        greatest(stopped_at, case when stopped_at is not null then started_at end) as stopped_at,
        case
            when response_message_id is not null then 'response'
            when stopped_at is not null then 'closed_without_reply'
        end as stop_reason,
        response_message_id,
        is_clock_skewed or coalesce(stopped_at < started_at, false) as is_clock_skewed,
        inbound_count
    from turns
{%- endmacro %}
