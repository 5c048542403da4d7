with

landed as (

    select * from {{ source('landing', 'files__people') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as person_id,
    coalesce({{ json_text('payload', 'role') }}, 'agent') as role,
    coalesce(cast({{ json_text('payload', 'is_deleted') }} as boolean), false) as is_deleted
from landed
