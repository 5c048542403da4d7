{# One landed stream of YouTube comments, renamed and cast. `view`: where in the payload the comment is. #}
{% macro stage_youtube_comments(stream, view='') %}
with

landed as (

    select * from {{ source('landing', 'youtube__' ~ stream) }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as comment_id,
    {{ json_text('payload', view ~ 'snippet.parentId') }} as parent_comment_id,
    {{ json_text('payload', view ~ 'snippet.videoId') }} as video_id,
    coalesce({{ json_text('payload', view ~ 'snippet.authorChannelId.value') }}, 'unknown:' || record_id) as author_id,
    lower({{ json_text('payload', view ~ 'snippet.authorDisplayName') }}) as author_handle,
    {{ utc_from_iso(json_text('payload', view ~ 'snippet.publishedAt')) }} as created_at,
    {{ json_text('payload', view ~ 'snippet.textDisplay') }} as body,
    record_updated_at,
    extracted_at
from landed
{% endmacro %}
