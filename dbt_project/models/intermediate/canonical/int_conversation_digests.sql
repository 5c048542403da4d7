-- What the canonical rows of a conversation are, as one number: for sources that are assembled anew in every build, where a late
-- post can change which conversation another belongs to.
with

digests as (

    {% for name, traits in canonical_sources().items() if not traits['by_record'] -%}
        {% for model in ['conversations', 'messages'] + traits['histories'] -%}
            select
                rows_of_{{ model }}.conversation_key,
                {{ rows_digest('rows_of_' ~ model) }} as digest
            from {{ ref('int_' ~ name ~ '_' ~ model) }} as rows_of_{{ model }}
            group by rows_of_{{ model }}.conversation_key
            union all
        {% endfor -%}
    {% endfor -%}
    select
        cast(null as bigint) as conversation_key,
        cast(null as hugeint) as digest
    where false

)

select
    conversation_key,
    sum(digest) as digest
from digests
group by conversation_key
