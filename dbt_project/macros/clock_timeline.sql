{#
    Events of conversations (see int_clock_events) in their one order, numbered, per way of counting. Order: time, then the
    source's own order, then inbound before outbound before status changes before merges (D14).

    Where every event of a conversation has the source's own order, that settles each second. Where one has none, where a
    response was put back, or where a merge moved something in, the order of those few conversations is made by rule first.

    Adds event_number, inbound_so_far (this one included) and enders_before (responses and closings before this one).
#}
{% macro clock_timeline(events) -%}
    with

    loose as (

        select distinct conversation_key
        from {{ events }}
        where
            source_order is null
            or phase = 2
            or (event = {{ code('event', 'response') }} and anchor_message_id is not null)

    ),

    -- The source's own order decides a second only if everything in that second has one.
    loose_events as (

        select
            events.*,
            case
                when
                    count(events.source_order) over one_second = count(*) over one_second
                    then events.source_order
            end as comparable_order
        from {{ events }} as events
        inner join loose on events.conversation_key = loose.conversation_key
        window one_second as (partition by events.way_number, events.conversation_key, events.event_epoch)

    ),

    ordered as (

        select
            way_number,
            conversation_key,
            event_epoch,
            row_number() over (
                partition by way_number, conversation_key
                order by
                    event_epoch,
                    comparable_order nulls last,
                    phase,
                    case when phase = 1 then own_order end nulls last,
                    anchor_message_id nulls last,
                    event,
                    written_epoch,
                    own_order nulls last,
                    reference
            ) as order_key,
            event,
            reference,
            start_epoch,
            is_moved,
            is_clock_skewed,
            deleted_epoch
        from loose_events
        union all
        select
            events.way_number,
            events.conversation_key,
            events.event_epoch,
            events.source_order as order_key,
            events.event,
            events.reference,
            events.start_epoch,
            events.is_moved,
            events.is_clock_skewed,
            events.deleted_epoch
        from {{ events }} as events
        left join loose on events.conversation_key = loose.conversation_key
        where loose.conversation_key is null

    )

    select
        way_number,
        conversation_key,
        event_epoch,
        event,
        reference,
        start_epoch,
        is_moved,
        is_clock_skewed,
        deleted_epoch,
        row_number() over chronological as event_number,
        count(case when event = {{ code('event', 'inbound') }} then 1 end) over (
            chronological rows between unbounded preceding and current row
        ) as inbound_so_far,
        count(case when event in ({{ code('event', 'response') }}, {{ code('event', 'closing') }}) then 1 end) over (
            chronological rows between unbounded preceding and 1 preceding
        ) as enders_before
    from ordered
    window chronological as (
        partition by way_number, conversation_key
        order by event_epoch, order_key, event
    )
{%- endmacro %}
