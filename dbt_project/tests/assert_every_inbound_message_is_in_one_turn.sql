-- Turns cover the eligible inbound messages and what merges moved, each once (M2, D9): none is lost between two turns, none
-- counted in two, by whatever way of counting.
with

turns as (

    select
        way_number,
        sum(inbound_count) as covered_count
    from {{ ref('int_turns') }}
    group by way_number

),

moved as (

    select
        way_number,
        count(*) as moved_count
    from {{ ref('int_clock_events_moved') }}
    group by way_number

),

-- From its merge on a child has no turns of its own.
own as (

    select count(*) as own_count
    from {{ ref('int_messages') }} as messages
    inner join {{ ref('int_conversations') }} as conversations on messages.conversation_key = conversations.conversation_key
    where
        messages.is_eligible_inbound
        and (conversations.merged_at is null or messages.published_at <= conversations.merged_at)
        and {{ is_touched('messages.conversation_key') }}

)

select
    ways.way_number,
    own.own_count,
    coalesce(moved.moved_count, 0) as moved_count,
    coalesce(turns.covered_count, 0) as covered_count
from {{ ref('int_clock_ways') }} as ways
cross join own
left join moved on ways.way_number = moved.way_number
left join turns on ways.way_number = turns.way_number
where coalesce(turns.covered_count, 0) <> own.own_count + coalesce(moved.moved_count, 0)
