{#
    The sources of the canonical models, and what each has. For a source `s`, int_s_conversations and int_s_messages are always
    there; int_s_status_changes, int_s_priority_changes and int_s_assignments where it keeps such a history, and int_s_views where it
    records when people of the company open messages (M8; none does yet). All have the columns of docs/architecture.md, "Canonical
    models".

    by_record: its tables are incremental by record, and their staging says which conversations a load touches. The others are
    assembled anew in every build, and what has changed is found by comparing digests (int_conversation_digests).

    A build leaves out the sources that no channel of the configuration has (SOCIAL_SLA_SOURCES; dbt_project.yml switches their
    models off); without it all are there.
#}
{% macro canonical_sources() -%}
    {%- set declared = {
        'x': {'histories': [], 'by_record': false},
        'zendesk': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': true},
        'freshdesk': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': false},
        'bluesky': {'histories': [], 'by_record': false},
        'request_tracker': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': false},
        'mastodon': {'histories': [], 'by_record': false},
        'zammad': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': false},
        'facebook': {'histories': [], 'by_record': false},
        'instagram': {'histories': [], 'by_record': false},
        'chatwoot': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': false},
        'youtube': {'histories': [], 'by_record': false},
        'intercom': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': false},
        'reddit': {'histories': [], 'by_record': false},
        'hubspot': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': false},
        'files': {'histories': ['status_changes', 'priority_changes', 'assignments'], 'by_record': false},
    } -%}
    {{ return(of_sources_in_use(declared)) }}
{%- endmacro %}

{# Of a dictionary by source: the entries of the sources in use. X and Zendesk are always there. #}
{% macro of_sources_in_use(declared) -%}
    {%- set named = env_var('SOCIAL_SLA_SOURCES', '') -%}
    {%- set used = {} -%}
    {%- for name, entry in declared.items() if named == '' or name in named.split(',') or name in ['x', 'zendesk'] -%}
        {%- do used.update({name: entry}) -%}
    {%- endfor -%}
    {{ return(used) }}
{%- endmacro %}

{# Names of the sources that have a canonical model. #}
{% macro sources_with(model) -%}
    {%- set names = [] -%}
    {%- for name, traits in canonical_sources().items() -%}
        {%- if model in ['conversations', 'messages'] or model in traits['histories'] -%}{%- do names.append(name) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# Columns of the canonical models, as every source has them. #}
{% macro canonical_columns(model) -%}
    {{ return({
        'conversations': [
            'conversation_key', 'conversation_id', 'source', 'account', 'channel_id', 'source_conversation_id', 'customer_key',
            'created_at', 'has_status', 'merged_into_conversation_id', 'merged_into_conversation_key', 'merged_at', 'deleted_at',
            'excluded_reason', 'excluded_evidence'
        ],
        'messages': [
            'conversation_key', 'source', 'account', 'source_message_id', 'in_reply_to_source_message_id', 'other_author_key',
            'author_role', 'direction', 'kind', 'intent', 'is_public', 'is_delivered', 'published_at', 'received_at', 'source_order',
            'deleted_at', 'excluded_reason', 'source_team_id', 'source_team_member_id'
        ],
        'status_changes': [
            'conversation_key', 'source', 'account', 'source_conversation_id', 'changed_at', 'source_order', 'source_status', 'status'
        ],
        'priority_changes': ['conversation_key', 'source', 'changed_at', 'source_order', 'priority'],
        'assignments': ['conversation_key', 'source', 'changed_at', 'source_order', 'source_team_id', 'source_team_member_id'],
        'views': ['conversation_key', 'source', 'viewed_at'],
    }[model]) }}
{%- endmacro %}

{# All sources' rows of a canonical model. #}
{% macro canonical_union(model) -%}
    {%- for name in sources_with(model) %}
    select {{ canonical_columns(model) | join(', ') }}
    from {{ ref('int_' ~ name ~ '_' ~ model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# All sources' teams, for dim_team: where each source has them, and their id. #}
{% macro team_union() -%}
    {%- set teams = {
        'zendesk': {'model': 'stg_zendesk__groups', 'id': 'group_id'},
        'freshdesk': {'model': 'stg_freshdesk__groups', 'id': 'group_id'},
        'request_tracker': {'model': 'stg_request_tracker__queues', 'id': 'queue_id'},
        'zammad': {'model': 'stg_zammad__groups', 'id': 'group_id'},
        'chatwoot': {'model': 'stg_chatwoot__teams', 'id': 'group_id'},
        'intercom': {'model': 'stg_intercom__teams', 'id': 'group_id'},
        'hubspot': {'model': 'stg_hubspot__teams', 'id': 'group_id'},
        'files': {'model': 'stg_files__teams', 'id': 'team_id'},
    } %}
    {%- for source, of in of_sources_in_use(teams).items() %}
    select
        '{{ source }}:' || account || ':' || {{ of['id'] }} as team_id,
        '{{ source }}' as source,
        account,
        {{ of['id'] }} as source_team_id,
        name,
        is_deleted
    from {{ ref(of['model']) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# All sources' present staff, for dim_team_member. #}
{% macro team_member_union() -%}
    {%- set members = {
        'zendesk': {
            'model': 'stg_zendesk__users', 'id': 'user_id', 'team': 'default_group_id', 'role': 'role',
            'is_present': "is_newest and role in ('agent', 'admin')"
        },
        'freshdesk': {
            'model': 'stg_freshdesk__agents', 'id': 'agent_id', 'team': 'only_group_id', 'role': 'role',
            'is_present': 'not is_deleted'
        },
        'request_tracker': {
            'model': 'stg_request_tracker__staff', 'id': 'user_id', 'team': 'cast(null as varchar)', 'role': "'privileged'",
            'is_present': 'is_newest and is_staff and not is_system'
        },
        'zammad': {
            'model': 'int_zammad_agents', 'id': 'agent_id', 'team': 'only_group_id', 'role': 'role',
            'is_present': 'not is_deleted'
        },
        'chatwoot': {
            'model': 'int_chatwoot_agents', 'id': 'agent_id', 'team': 'only_group_id', 'role': 'role',
            'is_present': 'not is_deleted'
        },
        'intercom': {
            'model': 'stg_intercom__admins', 'id': 'agent_id', 'team': 'only_group_id', 'role': 'role',
            'is_present': 'not is_deleted'
        },
        'hubspot': {
            'model': 'stg_hubspot__owners', 'id': 'agent_id', 'team': 'only_group_id', 'role': 'role',
            'is_present': 'not is_deleted'
        },
        'files': {
            'model': 'int_files_agents', 'id': 'agent_id', 'team': 'only_group_id', 'role': 'role',
            'is_present': 'not is_deleted'
        },
    } %}
    {%- for source, of in of_sources_in_use(members).items() %}
    select
        '{{ source }}:' || account || ':' || {{ of['id'] }} as team_member_id,
        '{{ source }}' as source,
        account,
        '{{ source }}:' || account || ':' || {{ of['team'] }} as team_id,
        {{ of['role'] }} as role
    from {{ ref(of['model']) }}
    where {{ of['is_present'] }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
