{#
    Staging tables hold each record's newest version, parsed once. An incremental build takes up only the records that the last
    loads have changed (landing.changed_records) and replaces their rows; it also writes down which conversations these belong to,
    before and after.
#}

{# The newest version of each landed record of a stream (dedupe by id and version; ties go to the one landed last). #}
{% macro landed(stream, keys=['account', 'record_id']) -%}
    select *
    from {{ source('landing', stream) }}
    {% if is_incremental_build() -%}
    where (account, record_id) in ({{ changed_records(stream) }})
    {% endif -%}
    {{ newest_version(keys) }}
{%- endmacro %}

{# Accounts and ids of a stream's records that loads have changed since the last complete build. #}
{% macro changed_records(stream) -%}
    select changed.account, changed.record_id
    from {{ source('landing', 'changed_records') }} as changed
    where changed.table_name = '{{ stream }}'
{%- endmacro %}

{#
    Incremental strategy of staging tables. meta: stream, record_column; has_conversation_key: rows belong to a conversation, else
    they are a person's; not_compared: columns that no model reads and that change without anything happening.

    Noted are the conversations (persons) of which a row is another now. So a record that only comes again, or that the vendor wrote
    anew without a change, touches nothing.
#}
{% macro get_incremental_replace_records_sql(arguments) -%}
    {%- set meta = config.get('meta') -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set compared = arguments['dest_columns'] | rejectattr('name', 'in', meta.get('not_compared', []))
        | map(attribute='quoted') | join(', ') -%}
    {#- A full build by hand without --full-refresh comes here, too: its temporary relation holds everything. -#}
    {%- set is_changed = '(account, ' ~ meta['record_column'] ~ ') in (' ~ changed_records(meta['stream']) ~ ')'
        if is_incremental_build() else 'true' -%}
    {%- set before = 'select ' ~ compared ~ ' from ' ~ arguments['target_relation'] ~ ' where ' ~ is_changed -%}
    {%- set now = 'select ' ~ compared ~ ' from ' ~ arguments['temp_relation'] -%}
    {% if meta['has_conversation_key'] -%}
    insert into {{ source('operations', 'touched_conversations') }}
    select distinct conversation_key
    {%- else -%}
    insert into {{ source('operations', 'touched_people') }}
    select distinct
        account,
        {{ meta['record_column'] }}
    {%- endif %}
    from (
        ({{ before }} except all {{ now }})
        union all
        ({{ now }} except all {{ before }})
    ) as differences;
    delete from {{ arguments['target_relation'] }} where {{ is_changed }};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
