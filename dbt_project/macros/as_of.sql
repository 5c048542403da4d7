{# The instant up to which the warehouse looks (D12). Set by the load, never the clock of the machine. #}
{% macro as_of() -%}
    (select run.as_of from {{ ref('stg_config__load') }} as run)
{%- endmacro %}

{# The as_of of the last complete build; only an incremental build asks for it. #}
{% macro previous_as_of() -%}
    (select built.as_of from {{ source('operations', 'built_as_of') }} as built)
{%- endmacro %}
