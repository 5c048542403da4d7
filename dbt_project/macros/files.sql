{# The order of rows of dropped files inside one moment: their own `sequence`, else their id, in which 9 comes before 10. #}
{% macro files_order(id) -%}
    {%- set sequence = id.rpartition('.')[0] ~ '.sequence' if '.' in id else 'sequence' -%}
    coalesce({{ sequence }}, 9007199254740992), length({{ id }}), {{ id }}
{%- endmacro %}
