-- text_start is what rules for automated messages compare: without markup, in lower case.
with

landed as (

    select * from {{ source('landing', 'zammad__ticket_articles') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as article_id,
    {{ json_text('payload', 'ticket_id') }} as ticket_id,
    {{ json_text('payload', 'sender') }} as sender,
    {{ json_text('payload', 'type') }} as article_type,
    cast({{ json_text('payload', 'internal') }} as boolean) as is_internal,
    {{ json_text('payload', 'created_by_id') }} as created_by_id,
    coalesce({{ json_text('payload', 'origin_by_id') }}, {{ json_text('payload', 'created_by_id') }}) as author_id,
    coalesce({{ json_text('payload', 'preferences.delivery_status') }}, '') <> 'fail' as is_delivered,
    left(lower(trim(regexp_replace(left(coalesce({{ json_text('payload', 'body') }}, ''), 4000), '<[^>]*>', ' ', 'g'))), 200)
        as text_start,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    {{ epoch_ms_from_iso(json_text('payload', 'created_at')) }} as created_ms
from landed
