{# Keeps the newest version of each record (dedupe by id and version; ties go to the one landed last). #}
{% macro newest_version(keys) -%}
    qualify row_number() over (
        partition by {{ keys | join(', ') }}
        order by record_updated_at desc, extracted_at desc, payload desc
    ) = 1
{%- endmacro %}
