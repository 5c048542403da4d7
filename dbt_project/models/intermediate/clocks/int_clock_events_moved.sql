-- What merges carry from a child conversation into its parent (D9). A chain of merges is followed for three links; a longer one
-- is refused by a test.
with

merged_conversations as {{ materialized() }} (

    select
        conversation_key,
        merged_into_conversation_key,
        merged_at,
        {{ epoch_seconds('merged_at') }} as merged_epoch
    from {{ ref('int_conversations') }}
    where merged_into_conversation_key is not null and {{ is_touched('conversation_key') }}

),

merged_events as {{ materialized() }} (

    select
        events.* replace (
            -- What was deleted by the merge does not move; where turns begin and end does not depend on deletions (D16).
            case
                when events.deleted_epoch <= merged_conversations.merged_epoch then null else events.start_epoch
            end as start_epoch
        )
    from {{ ref('int_clock_events') }} as events
    inner join merged_conversations on events.conversation_key = merged_conversations.conversation_key

),

timeline_1 as ({{ clock_timeline('merged_events') }}
),

turns_1 as {{ materialized() }} ({{ clock_turns('timeline_1') }}
),

moved_1 as {{ materialized() }} ({{ moved_turns('turns_1', 'merged_events') }}
),

events_2 as {{ materialized() }} (

    select * from merged_events
    union all
    select moved_1.*
    from moved_1
    inner join merged_conversations on moved_1.conversation_key = merged_conversations.conversation_key
    where moved_1.event_epoch <= merged_conversations.merged_epoch

),

timeline_2 as ({{ clock_timeline('events_2') }}
),

turns_2 as {{ materialized() }} ({{ clock_turns('timeline_2') }}
),

moved_2 as {{ materialized() }} ({{ moved_turns('turns_2', 'events_2') }}
),

events_3 as {{ materialized() }} (

    select * from merged_events
    union all
    select moved_2.*
    from moved_2
    inner join merged_conversations on moved_2.conversation_key = merged_conversations.conversation_key
    where moved_2.event_epoch <= merged_conversations.merged_epoch

),

timeline_3 as ({{ clock_timeline('events_3') }}
),

turns_3 as {{ materialized() }} ({{ clock_turns('timeline_3') }}
),

moved_3 as ({{ moved_turns('turns_3', 'events_3') }}
)

select * from moved_3
