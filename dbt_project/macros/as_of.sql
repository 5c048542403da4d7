{# The instant up to which the warehouse looks (D12). Set by the load, never the clock of the machine. #}
{% macro as_of() -%}
    (select run.as_of from {{ ref('stg_config__load') }} as run)
{%- endmacro %}
