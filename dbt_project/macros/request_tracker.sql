{# A time of Request Tracker's JSON, which writes 1970 for none. #}
{% macro request_tracker_time(path) -%}
    nullif({{ utc_from_iso(json_text('payload', path)) }}, cast('1970-01-01' as timestamp))
{%- endmacro %}

{# A text of Request Tracker's JSON, which writes an empty one for none. #}
{% macro request_tracker_text(path) -%}
    nullif({{ json_text('payload', path) }}, '')
{%- endmacro %}
