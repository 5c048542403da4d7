with

landed as (

    select * from {{ source('landing', 'instagram__comments') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as comment_id,
    {{ json_text('payload', 'media_id') }} as media_id,
    {{ json_text('payload', 'parent_id') }} as parent_comment_id,
    coalesce({{ json_text('payload', 'from.id') }}, lower({{ json_text('payload', 'username') }}), 'unknown:' || record_id)
        as author_id,
    lower(coalesce({{ json_text('payload', 'username') }}, {{ json_text('payload', 'from.username') }})) as author_username,
    {{ utc_from_iso(json_text('payload', 'timestamp')) }} as created_at,
    {{ json_text('payload', 'text') }} as body,
    record_updated_at,
    extracted_at
from landed
