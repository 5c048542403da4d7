{# How long after the last sign of a person a channel counts as staffed (M14), in seconds. One for all agreements until they state it:
   then a column of int_support_promises. #}
{% macro staffing_gap_seconds() -%}
    {{ var('staffing_gap_seconds', 3600) }}
{%- endmacro %}

{# How long a message without an answer waits: after these seconds it counts as never answered (M7). #}
{% macro longest_wait_seconds() -%}
    {{ 7 * 86400 }}
{%- endmacro %}

{# The business clock's reading at `epoch`, given the joined stretch (join_schedule_at): 0 before the calendar begins; without a
   schedule every second is open, and the reading is `epoch` itself. #}
{% macro open_position_at(alias, schedule_number, epoch) -%}
    case
        when {{ schedule_number }} is null then {{ epoch }}
        else coalesce({{ position_at(alias, epoch) }}, 0)
    end
{%- endmacro %}
