{# Open turns of merged conversations as events of the conversation they were merged into (D9): the oldest unanswered inbound
   message moves with its own time; only what comes after the merge answers it. #}
{% macro moved_turns(turns) -%}
    select
        turns.responder,
        turns.start_basis,
        conversations.merged_into_conversation_id as conversation_id,
        conversations.merged_at as event_at,
        cast(9223372036854775807 as bigint) as source_order,
        2 as tie_rank,
        3 as kind_rank,
        'I' as kind,
        turns.message_id,
        turns.started_at as turn_start_at,
        'moved_by_merge' as started_by,
        false as is_clock_skewed
    from {{ turns }} as turns
    inner join {{ ref('int_conversations') }} as conversations
        on turns.conversation_id = conversations.conversation_id
    where turns.stopped_at is null and conversations.merged_into_conversation_id is not null
    and conversations.excluded_reason is null
{%- endmacro %}
