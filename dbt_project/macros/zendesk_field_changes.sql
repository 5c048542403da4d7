{# Changes of one ticket field, oldest first: what it became, and what it was by the order of events (not the vendor's word). #}
{% macro zendesk_field_changes(field) -%}
    select
        tickets.conversation_id,
        events.account,
        events.occurred_at as changed_at,
        events.source_order,
        {{ json_text('events.child', field) }} as new_value,
        tickets.merged_order
    from {{ ref('int_zendesk_child_events') }} as events
    inner join {{ ref('int_zendesk_tickets') }} as tickets
        on events.account = tickets.account and events.ticket_id = tickets.ticket_id and tickets.channel_id is not null
    where
        events.child_type in ('Create', 'Change')
        and list_contains(json_keys(events.child), '{{ field }}')
{%- endmacro %}
