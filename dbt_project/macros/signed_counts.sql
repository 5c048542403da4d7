{# The counts that a review signs, and that a signed month keeps (D11). #}
{% macro signed_counts() -%}
    {{ return([
        'decided_count', 'met_count', 'missed_count', 'excluded_count', 'running_count', 'started_count', 'stopped_count',
        'conversation_decided_count', 'conversation_met_count', 'conversation_missed_count'
    ]) }}
{%- endmacro %}
