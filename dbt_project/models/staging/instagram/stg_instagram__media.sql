with

landed as (

    select * from {{ source('landing', 'instagram__media') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as media_id,
    lower({{ json_text('payload', 'username') }}) as author_username,
    {{ utc_from_iso(json_text('payload', 'timestamp')) }} as created_at,
    {{ json_text('payload', 'caption') }} as body,
    record_updated_at,
    extracted_at
from landed
