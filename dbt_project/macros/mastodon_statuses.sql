{# One landed stream of Mastodon statuses, renamed and cast. `view`: where in the payload the status is (`status.`). #}
{% macro stage_mastodon_statuses(stream, view='') %}
{%- set is_gone = "coalesce(" ~ json_text('payload', 'social_sla_deleted') ~ " = 'true', false)" %}
with

landed as (

    select
        *,
        {{ is_gone }} as is_gone
    from {{ source('landing', 'mastodon__' ~ stream) }}
    {{ newest_version(['account', json_text('payload', view ~ 'id'), is_gone]) }}

)

select
    account,
    {{ json_text('payload', view ~ 'id') }} as post_id,
    is_gone,
    -- Numbers of people are their server's own; their addresses are everybody's.
    {{ json_text('payload', view ~ 'account.url') }} as author_id,
    coalesce({{ json_text('payload', view ~ 'account.bot') }} = 'true', false) as author_is_bot,
    case when not is_gone then {{ utc_from_iso(json_text('payload', view ~ 'created_at')) }} end as created_at,
    case when not is_gone then {{ utc_from_iso(json_text('payload', 'created_at')) }} end as received_at,
    {{ json_text('payload', view ~ 'in_reply_to_id') }} as replied_to_post_id,
    {{ json_text('payload', view ~ 'in_reply_to_account_id') }} as replied_to_user_id,
    {{ json_text('payload', view ~ 'visibility') }} as visibility,
    {{ text_of_html(json_text('payload', view ~ 'content')) }} as body,
    {{ json_texts_within('payload', view ~ 'mentions[*].url') }} as mentioned_urls,
    record_updated_at,
    extracted_at
from landed
{% endmacro %}
