select
    customer_key,
    min(source) as source,
    min(published_at) as first_seen_at,
    max(published_at) as last_seen_at,
    count(distinct conversation_id) as conversation_count
from {{ ref('int_messages') }}
where customer_key is not null
group by customer_key
