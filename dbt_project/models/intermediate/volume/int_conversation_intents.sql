-- What the customer of a conversation wants, where a tag of it says so (M10), and by which rule (seeds/intent_tags.csv). Of
-- several the first by seeds/intents.csv; what no rule knows has no row, and stays unknown.
with

tagged as (

    {{ tags_union() }}

),

matched as (

    select
        tagged.conversation_key,
        tagged.source,
        rules.intent,
        'tag ' || tagged.tag as matched_by,
        intents.precedence
    from tagged
    inner join {{ ref('intent_tags') }} as rules on tagged.source = rules.source and tagged.tag = rules.tag
    inner join {{ ref('intents') }} as intents on rules.intent = intents.intent

)

select
    conversation_key,
    source,
    intent,
    matched_by
from matched
qualify row_number() over (
    partition by conversation_key
    order by precedence, matched_by
) = 1
