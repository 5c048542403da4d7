{#
    A day's load computes the conversations that it touches, and no others. A build is either full or incremental
    (social_sla.warehouse.inputs decides); in an incremental one every working table holds touched conversations only, and the
    tables that stay replace the rows of these.

    Said in the environment, not by a dbt variable: another variable makes dbt parse the whole project anew.
#}
{% macro is_incremental_build() -%}
    {{ return(env_var('SOCIAL_SLA_INCREMENTAL', 'false') == 'true') }}
{%- endmacro %}

{# A condition on a column with a conversation's key: true for all in a full build. #}
{% macro is_touched(column) -%}
    {%- if is_incremental_build() -%}
        {{ column }} in (select touched.conversation_key from {{ ref('int_touched_conversations') }} as touched)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# Incremental strategy: the rows of touched conversations leave, their new ones come in, in one transaction. #}
{% macro get_incremental_replace_touched_sql(arguments) -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }}
    where {{ is_touched('conversation_key') }};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
