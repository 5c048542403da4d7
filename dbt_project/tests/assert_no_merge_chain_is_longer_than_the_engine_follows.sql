-- int_clock_events_moved follows a chain of merges for three links (D9).
with

links as (

    select
        conversation_id,
        merged_into_conversation_id
    from {{ ref('int_conversations') }}
    where merged_into_conversation_id is not null

)

select first_link.conversation_id
from links as first_link
inner join links as second_link on first_link.merged_into_conversation_id = second_link.conversation_id
inner join links as third_link on second_link.merged_into_conversation_id = third_link.conversation_id
inner join links as fourth_link on third_link.merged_into_conversation_id = fourth_link.conversation_id
