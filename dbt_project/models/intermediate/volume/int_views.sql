-- When people of the company opened conversations (M8), of the sources that record it; without one there are none.
{% if sources_that_record_views() -%}
    {{ canonical_union('views') }}
{%- else -%}
    select
        cast(null as bigint) as conversation_key,
        cast(null as varchar) as source,
        cast(null as timestamp) as viewed_at
    where false
{%- endif %}
