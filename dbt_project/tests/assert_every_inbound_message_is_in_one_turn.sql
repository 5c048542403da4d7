-- Turns cover the eligible inbound messages, each once (M2): none is lost between two turns, none counted in two.
with

turns as (

    select
        responder,
        start_basis,
        sum(inbound_count) as covered_count
    from {{ ref('int_turns') }}
    group by responder, start_basis

),

events as (

    select
        responder,
        start_basis,
        count(*) as inbound_count
    from (
        select
            responder,
            start_basis,
            kind
        from {{ ref('int_clock_events') }}
        union all
        select
            responder,
            start_basis,
            kind
        from {{ ref('int_clock_events_moved') }}
    ) as all_events
    where kind = 'I'
    group by responder, start_basis

)

select
    events.responder,
    events.start_basis,
    events.inbound_count,
    turns.covered_count
from events
left join turns on events.responder = turns.responder and events.start_basis = turns.start_basis
where turns.covered_count is null or turns.covered_count <> events.inbound_count
