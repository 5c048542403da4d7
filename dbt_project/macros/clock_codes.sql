{#
    The engine's working tables hold small numbers where the marts hold words: millions of rows are sorted and joined on them.
    The one list of words is here; `code` writes a word's number, `word` turns a column of numbers back.
#}
{% macro clock_words() -%}
    {{ return({
        'event': ['inbound', 'response', 'closing', 'reopening'],
        'started_by': ['first_inbound', 'inbound_turn', 'moved_by_merge', 'reopened', 'update', 'assigned'],
        'stop_reason': ['response', 'closed_without_reply', 'solved', 'closed', 'update', 'handed_over', 'unassigned'],
        'outcome': ['met', 'missed', 'running', 'paused', 'excluded'],
    }) }}
{%- endmacro %}

{# The number of a word, 1 for the first. #}
{% macro code(list, word) -%}
    {%- set words = clock_words()[list] -%}
    {%- if word not in words -%}{{ exceptions.raise_compiler_error(word ~ ' is no ' ~ list) }}{%- endif -%}
    {{ words.index(word) + 1 }}
{%- endmacro %}

{# The word of a column's number; null stays null. #}
{% macro word(list, column) -%}
    case {{ column }}
        {%- for name in clock_words()[list] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}

{# The end of time and its beginning in seconds since 1970, for open ranges. #}
{% macro forever() -%}
    253370764800
{%- endmacro %}
{% macro beginning() -%}
    -62135596800
{%- endmacro %}
