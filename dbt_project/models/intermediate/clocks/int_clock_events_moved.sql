-- What merges carry from a child conversation into its parent (D9). A chain of merges is followed for three links; a longer one
-- is refused by a test.
with

merged_events as (

    select events.*
    from {{ ref('int_clock_events') }} as events
    inner join {{ ref('int_conversations') }} as conversations on events.conversation_id = conversations.conversation_id
    where conversations.merged_into_conversation_id is not null

),

turns_1 as {{ materialized() }} ({{ clock_turns('merged_events') }}
),

moved_1 as {{ materialized() }} ({{ moved_turns('turns_1') }}
),

events_2 as {{ materialized() }} (

    select * from merged_events
    union all
    select moved_1.*
    from moved_1
    inner join {{ ref('int_conversations') }} as conversations on moved_1.conversation_id = conversations.conversation_id
    where conversations.merged_into_conversation_id is not null and moved_1.event_at <= conversations.merged_at

),

turns_2 as {{ materialized() }} ({{ clock_turns('events_2') }}
),

moved_2 as {{ materialized() }} ({{ moved_turns('turns_2') }}
),

events_3 as {{ materialized() }} (

    select * from merged_events
    union all
    select moved_2.*
    from moved_2
    inner join {{ ref('int_conversations') }} as conversations on moved_2.conversation_id = conversations.conversation_id
    where conversations.merged_into_conversation_id is not null and moved_2.event_at <= conversations.merged_at

),

turns_3 as {{ materialized() }} ({{ clock_turns('events_3') }}
),

moved_3 as ({{ moved_turns('turns_3') }}
)

select * from moved_3
