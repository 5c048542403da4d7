{# Whether an author's type is one of people outside the company. The vendor writes down what somebody was when they wrote (R4). #}
{% macro intercom_is_outside(author_type) -%}
    {{ author_type }} in ('user', 'lead', 'contact', 'visitor')
{%- endmacro %}

{# Parts of a conversation or a ticket, the stream of which has its own key. #}
{% macro stage_intercom_parts(stream, key) -%}
with

landed as (

    select * from {{ source('landing', 'intercom__' ~ stream) }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as part_id,
    {{ json_text('payload', key) }} as parent_id,
    {{ json_text('payload', 'part_type') }} as part_type,
    left(lower(trim(regexp_replace(left(coalesce({{ json_text('payload', 'body') }}, ''), 4000), '<[^>]*>', ' ', 'g'))), 200)
        as text_start,
    coalesce({{ json_text('payload', 'body') }}, '') <> '' as has_body,
    {{ json_text('payload', 'author.type') }} as author_type,
    {{ json_text('payload', 'author.id') }} as author_id,
    coalesce({{ json_text('payload', 'author.from_ai_agent') }} = 'true', false) as is_from_ai_agent,
    {{ json_text('payload', 'assigned_to.type') }} as assigned_to_type,
    {{ json_text('payload', 'assigned_to.id') }} as assigned_to_id,
    coalesce({{ json_text('payload', 'ticket_state.category') }}, {{ json_text('payload', 'ticket_state') }}) as ticket_state,
    {{ utc_from_epoch(json_text('payload', 'created_at')) }} as created_at
from landed
{%- endmacro %}

{#
    What a part is: `comment` (seen by the customer), `note` (inside), or null (no message). A closing or reopening may carry the
    words that were written with it; an assignment's words are for colleagues.
#}
{% macro intercom_message_kind(part_type, has_body, is_outside) -%}
    case
        when {{ part_type }} in ('note', 'note_and_reopen') then 'note'
        when {{ part_type }} = 'comment' then 'comment'
        when {{ part_type }} = 'quick_reply' and ({{ has_body }} or {{ is_outside }}) then 'comment'
        when {{ part_type }} in ('open', 'close', 'snoozed', 'unsnoozed') and {{ has_body }} then 'comment'
        when ({{ part_type }} like 'assign%' or {{ part_type }} like '%assignment') and {{ has_body }} then 'note'
    end
{%- endmacro %}
