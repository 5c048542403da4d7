{# Gaps between the company's updates while a conversation is open (M5), for the ways of counting in the relation `ways`: from the
   first inbound message or a reopening to the first update, between updates, from the last one to solved. #}
{% macro update_gaps(ways) -%}
    with

    events as (

        select
            timeline.way_number,
            timeline.conversation_key,
            timeline.event_number,
            timeline.event,
            timeline.event_epoch,
            timeline.reference,
            timeline.inbound_so_far,
            first_inbound.event_number as first_number,
            first_inbound.started_epoch as first_started_epoch,
            first_inbound.is_moved,
            timeline.is_clock_skewed,
            last_value(
                case
                    when timeline.event = {{ code('event', 'closing') }} then false
                    when timeline.event = {{ code('event', 'reopening') }} then true
                end ignore nulls
            ) over (
                partition by timeline.way_number, timeline.conversation_key
                order by timeline.event_number
                rows between unbounded preceding and current row
            ) as is_open
        from {{ ref('int_clock_timeline') }} as timeline
        inner join {{ ways }} as ways on timeline.way_number = ways.way_number
        inner join {{ ref('int_first_inbound') }} as first_inbound
            on
                timeline.way_number = first_inbound.way_number
                and timeline.conversation_key = first_inbound.conversation_key

    ),

    -- What ends a gap, starts one, or both: nothing while the conversation is solved.
    marks as (

        select *
        from events
        where
            event_number >= first_number
            and (
                event in ({{ code('event', 'closing') }}, {{ code('event', 'reopening') }})
                or (
                    coalesce(is_open, true)
                    and (event = {{ code('event', 'response') }} or event_number = first_number)
                )
            )

    ),

    gaps as (

        select
            *,
            lead(event) over chronological as next_event,
            lead(event_epoch) over chronological as next_epoch,
            lead(reference) over chronological as next_reference,
            lead(is_clock_skewed) over chronological as next_is_clock_skewed
        from marks
        window chronological as (partition by way_number, conversation_key order by event_number)

    ),

    named as (

        select
            way_number,
            conversation_key,
            row_number() over (partition by way_number, conversation_key order by event_number) as cycle_number,
            case when event = {{ code('event', 'inbound') }} then first_started_epoch else event_epoch end as started_epoch,
            case when event <> {{ code('event', 'reopening') }} then reference end as source_message_id,
            case
                when event = {{ code('event', 'response') }} then {{ code('started_by', 'update') }}
                when event = {{ code('event', 'reopening') }} then {{ code('started_by', 'reopened') }}
                when is_moved then {{ code('started_by', 'moved_by_merge') }}
                else {{ code('started_by', 'first_inbound') }}
            end as started_by,
            next_epoch as ended_epoch,
            case
                when next_event = {{ code('event', 'response') }} then {{ code('stop_reason', 'update') }}
                when next_reference = 'closed' then {{ code('stop_reason', 'closed') }}
                when next_event is not null then {{ code('stop_reason', 'solved') }}
            end as stop_reason,
            case when next_event = {{ code('event', 'response') }} then next_reference end as response_source_message_id,
            coalesce(next_is_clock_skewed, false) as is_clock_skewed
        from gaps
        where event <> {{ code('event', 'closing') }}

    )

    select
        * exclude (is_clock_skewed),
        case when ended_epoch is not null then greatest(ended_epoch, started_epoch) end as stopped_epoch,
        is_clock_skewed or coalesce(ended_epoch < started_epoch, false) as is_clock_skewed
    from named
{%- endmacro %}
