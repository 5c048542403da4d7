-- Every landed version is kept, not only the newest: a person's role is the one held when they wrote (R4).
with

landed as (

    select * from {{ source('landing', 'zendesk__users') }}
    {{ newest_version(['account', 'record_id', 'record_updated_at']) }}

)

select
    account,
    record_id as user_id,
    {{ json_text('payload', 'role') }} as role,
    coalesce(cast({{ json_text('payload', 'suspended') }} as boolean), false) as is_suspended,
    {{ json_text('payload', 'name') }} as display_name,
    {{ json_text('payload', 'default_group_id') }} as default_group_id,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    date_trunc('second', record_updated_at) as version_at,
    row_number() over (partition by account, record_id order by record_updated_at, extracted_at) as version_number,
    row_number() over (partition by account, record_id order by record_updated_at desc, extracted_at desc) = 1 as is_newest
from landed
