-- int_clock_events_moved follows a chain of merges for three links (D9). Conversations merged in a circle are such a chain, too.
with

links as (

    select
        conversation_key,
        conversation_id,
        merged_into_conversation_key
    from {{ ref('int_conversations') }}
    where merged_into_conversation_key is not null

)

select first_link.conversation_id
from links as first_link
inner join links as second_link on first_link.merged_into_conversation_key = second_link.conversation_key
inner join links as third_link on second_link.merged_into_conversation_key = third_link.conversation_key
inner join links as fourth_link on third_link.merged_into_conversation_key = fourth_link.conversation_key
