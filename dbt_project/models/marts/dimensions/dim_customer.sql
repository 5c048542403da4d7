select
    customer_key,
    min(source) as source,
    min(first_message_at) as first_seen_at,
    max(last_message_at) as last_seen_at,
    count(case when first_message_at is not null then 1 end) as conversation_count
from {{ ref('fct_conversation') }}
where customer_key is not null and first_message_at is not null
group by customer_key
