{# One landed stream of posts on Facebook, renamed and cast. #}
{% macro stage_facebook_posts(stream) %}
with

landed as (

    select * from {{ source('landing', 'facebook__' ~ stream) }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as post_id,
    {{ json_text('payload', 'from.id') }} as author_id,
    {{ utc_from_iso(json_text('payload', 'created_time')) }} as created_at,
    coalesce({{ json_text('payload', 'message') }}, {{ json_text('payload', 'story') }}) as body,
    {{ json_texts_within('payload', 'message_tags[*].id') }} as tagged_ids,
    record_updated_at,
    extracted_at
from landed
{% endmacro %}

{# One landed stream of comments on Facebook, renamed and cast. `below`: the key of what they stand below. #}
{% macro stage_facebook_comments(stream, below) %}
with

landed as (

    select * from {{ source('landing', 'facebook__' ~ stream) }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as comment_id,
    {{ json_text('payload', below) }} as {{ below }},
    {{ json_text('payload', 'parent.id') }} as parent_comment_id,
    -- Who does not let themselves be shown is somebody all the same.
    coalesce({{ json_text('payload', 'from.id') }}, 'unknown:' || record_id) as author_id,
    {{ utc_from_iso(json_text('payload', 'created_time')) }} as created_at,
    {{ json_text('payload', 'message') }} as body,
    {{ json_text('payload', 'message_tags[0].id') }} as first_tagged_id,
    {{ json_texts_within('payload', 'message_tags[*].id') }} as tagged_ids,
    record_updated_at,
    extracted_at
from landed
{% endmacro %}
