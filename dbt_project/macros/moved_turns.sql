{# Open turns of merged conversations, and their events, as events of the conversation they were merged into (D9): the oldest unanswered inbound
   message moves with its own time; only what comes after the merge answers it. #}
{% macro moved_turns(turns, events) -%}
    select
        turns.way_number,
        coalesce(
            case when third_parent.merged_at <= conversations.merged_at then third_parent.merged_into_conversation_key end,
            case when second_parent.merged_at <= conversations.merged_at then second_parent.merged_into_conversation_key end,
            case when parent.merged_at <= conversations.merged_at then parent.merged_into_conversation_key end,
            conversations.merged_into_conversation_key
        ) as conversation_key,
        {{ epoch_seconds('conversations.merged_at') }} as event_epoch,
        cast(9223372036854775807 as bigint) as source_order,
        cast(null as bigint) as own_order,
        2 as phase,
        turns.source_message_id as anchor_message_id,
        {{ epoch_seconds('conversations.merged_at') }} as written_epoch,
        {{ code('event', 'inbound') }} as event,
        turns.source_message_id as reference,
        turns.started_epoch as start_epoch,
        true as is_moved,
        false as is_clock_skewed,
        moved.deleted_epoch
    from {{ turns }} as turns
    inner join {{ ref('int_conversations') }} as conversations
        on turns.conversation_key = conversations.conversation_key
    left join {{ events }} as moved
        on
            turns.way_number = moved.way_number
            and turns.conversation_key = moved.conversation_key
            and turns.source_message_id = moved.reference
            and moved.event = {{ code('event', 'inbound') }}
    -- Merged into a conversation that had been merged away by then: on to where that one went.
    left join merged_conversations as parent
        on conversations.merged_into_conversation_key = parent.conversation_key
    left join merged_conversations as second_parent
        on
            parent.merged_into_conversation_key = second_parent.conversation_key
            and parent.merged_at <= conversations.merged_at
    left join merged_conversations as third_parent
        on
            second_parent.merged_into_conversation_key = third_parent.conversation_key
            and second_parent.merged_at <= conversations.merged_at
    where
        turns.stopped_epoch is null
        and conversations.merged_into_conversation_key is not null
        and conversations.excluded_reason is null
{%- endmacro %}
