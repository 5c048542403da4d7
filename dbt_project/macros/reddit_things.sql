{# One landed listing of things of Reddit (t1 comments, t3 submissions, t4 private messages), renamed and cast. #}
{% macro stage_reddit_things(stream) %}
{%- set is_gone = "coalesce(" ~ json_text('payload', 'data.body') ~ ", " ~ json_text('payload', 'data.selftext') ~ ", '') in ('[deleted]', '[removed]')" %}
with

landed as (

    select
        *,
        {{ is_gone }} as is_gone
    from {{ source('landing', 'reddit__' ~ stream) }}
    {{ newest_version(['account', 'record_id', is_gone]) }}

)

select
    account,
    record_id as thing_id,
    is_gone,
    {{ json_text('payload', 'kind') }} as thing_kind,
    -- The accounts of those who left are all called so.
    case
        when {{ json_text('payload', 'data.author') }} = '[deleted]' then 'unknown:' || record_id
        else lower({{ json_text('payload', 'data.author') }})
    end as author_id,
    {{ utc_from_epoch("floor(cast(" ~ json_text('payload', 'data.created_utc') ~ " as double))") }} as created_at,
    case {{ json_text('payload', 'kind') }}
        when 't3' then record_id
        when 't1' then coalesce(
            {{ json_text('payload', 'data.link_id') }},
            't3_' || {{ first_match(json_text('payload', 'data.context'), '/comments/([a-z0-9]+)/') }}
        )
        else coalesce({{ json_text('payload', 'data.first_message_name') }}, record_id)
    end as thread_id,
    {{ json_text('payload', 'data.parent_id') }} as replied_to_thing_id,
    lower({{ json_text('payload', 'data.dest') }}) as recipient_id,
    {{ json_text('payload', 'data.subreddit') }} as subreddit,
    coalesce(
        {{ json_text('payload', 'data.body') }},
        concat_ws(' ', {{ json_text('payload', 'data.title') }}, {{ json_text('payload', 'data.selftext') }})
    ) as body,
    record_updated_at,
    extracted_at
from landed
{% endmacro %}
