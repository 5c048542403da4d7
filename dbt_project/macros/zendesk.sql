{# Whether a child of a ticket event belongs to a merge: any of the three marks that accounts were seen to set. #}
{% macro zendesk_is_by_merge(child) -%}
    (
        lower(coalesce({{ json_text(child, 'via') }}, '')) = 'merge'
        or coalesce({{ json_text(child, 'via.channel') }} in ('merge', '19'), false)
        or coalesce({{ json_text(child, 'via.source.rel') }} = 'merge', false)
    )
{%- endmacro %}

{# The other ticket of a merge: where accounts were seen, or are said, to name it. #}
{% macro zendesk_merge_ticket(child) -%}
    coalesce(
        {{ json_text(child, 'via_reference_id') }},
        {{ json_text(child, 'via.source.from.ticket_id') }},
        {{ json_text(child, 'via.source.from.ticket_ids[0]') }},
        {{ json_text(child, 'via.source.to.ticket_id') }}
    )
{%- endmacro %}

{# The ticket fields whose history is kept. #}
{% macro zendesk_history_fields() -%}
    {{ return(['status', 'priority', 'group_id', 'assignee_id', 'requester_id', 'type', 'brand_id', 'ticket_form_id']) }}
{%- endmacro %}
