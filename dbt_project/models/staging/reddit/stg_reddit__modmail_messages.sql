with

landed as (

    select * from {{ source('landing', 'reddit__modmail_messages') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as message_id,
    {{ json_text('payload', 'conversation_id') }} as conversation_id,
    lower({{ json_text('payload', 'author.name') }}) as author_id,
    coalesce({{ json_text('payload', 'author.isMod') }} = 'true', false)
    or coalesce({{ json_text('payload', 'author.isAdmin') }} = 'true', false) as is_by_moderator,
    coalesce({{ json_text('payload', 'isInternal') }} = 'true', false) as is_internal,
    {{ utc_from_iso(json_text('payload', 'date')) }} as created_at,
    coalesce({{ json_text('payload', 'bodyMarkdown') }}, {{ text_of_html(json_text('payload', 'body')) }}) as body,
    record_updated_at,
    extracted_at
from landed
