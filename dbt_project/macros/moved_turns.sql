{# Open turns of merged conversations as events of the conversation they were merged into (D9): the oldest unanswered inbound
   message moves with its own time; only what comes after the merge answers it. #}
{% macro moved_turns(turns) -%}
    select
        turns.responder,
        turns.start_basis,
        coalesce(
            case when third_parent.merged_at <= conversations.merged_at then third_parent.merged_into_conversation_id end,
            case when second_parent.merged_at <= conversations.merged_at then second_parent.merged_into_conversation_id end,
            case when parent.merged_at <= conversations.merged_at then parent.merged_into_conversation_id end,
            conversations.merged_into_conversation_id
        ) as conversation_id,
        conversations.merged_at as event_at,
        cast(9223372036854775807 as bigint) as source_order,
        2 as phase,
        turns.message_id as anchor_message_id,
        conversations.merged_at as written_at,
        'I' as kind,
        turns.message_id,
        turns.started_at as turn_start_at,
        'moved_by_merge' as started_by,
        false as is_clock_skewed
    from {{ turns }} as turns
    inner join {{ ref('int_conversations') }} as conversations
        on turns.conversation_id = conversations.conversation_id
    -- Merged into a conversation that had been merged away by then: on to where that one went.
    left join {{ ref('int_conversations') }} as parent
        on conversations.merged_into_conversation_id = parent.conversation_id
    left join {{ ref('int_conversations') }} as second_parent
        on
            parent.merged_into_conversation_id = second_parent.conversation_id
            and parent.merged_at <= conversations.merged_at
    left join {{ ref('int_conversations') }} as third_parent
        on
            second_parent.merged_into_conversation_id = third_parent.conversation_id
            and second_parent.merged_at <= conversations.merged_at
    where turns.stopped_at is null and conversations.merged_into_conversation_id is not null
    and conversations.excluded_reason is null
{%- endmacro %}
