with

landed as (

    select * from {{ source('landing', 'facebook__reviews') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as review_id,
    {{ json_text('payload', 'reviewer.id') }} as author_id,
    {{ utc_from_iso(json_text('payload', 'created_time')) }} as created_at,
    {{ json_text('payload', 'review_text') }} as body,
    {{ json_text('payload', 'recommendation_type') }} as recommendation_type,
    cast({{ json_text('payload', 'rating') }} as integer) as rating,
    record_updated_at,
    extracted_at
from landed
