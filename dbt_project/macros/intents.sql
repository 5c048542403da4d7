{# Every tag of every conversation, of the sources that have tags: conversation_key, source, tag in lower case. #}
{% macro tags_union() -%}
    {%- set tickets = {
        'zendesk': 'stg_zendesk__tickets',
        'freshdesk': 'int_freshdesk_tickets',
        'request_tracker': 'int_request_tracker_tickets',
        'zammad': 'int_zammad_tickets',
        'chatwoot': 'int_chatwoot_tickets',
        'intercom': 'int_intercom_tickets',
        'files': 'int_files_tickets',
    } %}
    {%- for source, model in of_sources_in_use(tickets).items() %}
    select
        conversation_key,
        '{{ source }}' as source,
        lower(unnest(tags)) as tag
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
