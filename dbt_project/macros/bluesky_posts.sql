{# One landed stream of Bluesky posts, renamed and cast. `view`: where in the payload the post's view is (`post.`). #}
{% macro stage_bluesky_posts(stream, view='') %}
with

landed as (

    select
        *,
        coalesce({{ json_text('payload', 'notFound') }} = 'true', false) as is_gone
    from {{ source('landing', 'bluesky__' ~ stream) }}
    {{ newest_version(['account', 'record_id', "coalesce(" ~ json_text('payload', 'notFound') ~ " = 'true', false)"]) }}

),

renamed as (

    select
        account,
        record_id as post_id,
        is_gone,
        {{ json_text('payload', view ~ 'author.did') }} as author_id,
        {{ exact_utc_from_iso(json_text('payload', view ~ 'record.createdAt')) }} as claimed_at,
        {{ exact_utc_from_iso(json_text('payload', view ~ 'indexedAt')) }} as indexed_at,
        coalesce({{ json_text('payload', view ~ 'record.reply.root.uri') }}, record_id) as thread_id,
        {{ json_text('payload', view ~ 'record.reply.parent.uri') }} as replied_to_post_id,
        {{ json_text('payload', view ~ 'record.text') }} as body,
        {{ json_texts_within('payload', view ~ 'record.facets[*].features[*].did') }} as mentioned_user_ids,
        record_updated_at,
        extracted_at
    from landed

)

select
    account,
    post_id,
    is_gone,
    author_id,
    least(coalesce(claimed_at, indexed_at), indexed_at) as exact_published_at,
    indexed_at as exact_received_at,
    thread_id,
    replied_to_post_id,
    split_part(replied_to_post_id, '/', 3) as replied_to_user_id,
    body,
    mentioned_user_ids,
    record_updated_at,
    extracted_at
from renamed
{% endmacro %}
