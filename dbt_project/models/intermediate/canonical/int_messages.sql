-- Canonical messages of every source: clocks, volumes and marts read these and nothing below. Ids are those of the source; what a
-- conversation says of all its messages (channel, customer) stands in int_conversations.
-- is_eligible_inbound: starts or ages clocks (D15); is_human_response, is_any_response: what counts as a response (R1, R2).
with

messages as (

    {{ canonical_union('messages') }}

)

select
    *,
    direction = 'inbound' and author_role = 'customer' and excluded_reason is null as is_eligible_inbound,
    direction = 'outbound' and is_delivered and kind <> 'survey' and author_role = 'person' as is_human_response,
    direction = 'outbound' and is_delivered and kind <> 'survey' and author_role in ('person', 'bot', 'auto_reply')
        as is_any_response
from messages
