{#
    Vendors' own figures beside ours (docs/reconciliation.md). Words are the vendor's: `feed` is the list that a figure comes from,
    `vendor_metric` its name there, `instance_number` its run.
#}

{# Which measure of ours an instance of a metric of Zendesk's metric events is to be compared with. #}
{% macro zendesk_measured_by(metric, instance_number) -%}
    case
        when {{ metric }} = 'reply_time' and {{ instance_number }} = 1 then 'first_response'
        when {{ metric }} = 'reply_time' then 'next_response'
        when {{ metric }} = 'resolution_time' then 'full_resolution'
        when {{ metric }} = 'agent_work_time' then 'agent_work'
        when {{ metric }} = 'requester_wait_time' then 'requester_wait'
        when {{ metric }} = 'periodic_update_time' then 'periodic_update'
        when {{ metric }} = 'pausable_update_time' then 'pausable_update'
    end
{%- endmacro %}

{# Minutes of one of Zendesk's native durations on a basis, from a ticket's payload. #}
{% macro zendesk_minutes(duration, basis) -%}
    cast({{ json_text('payload', 'metric_set.' ~ duration ~ '_in_minutes.' ~ basis) }} as bigint)
{%- endmacro %}
