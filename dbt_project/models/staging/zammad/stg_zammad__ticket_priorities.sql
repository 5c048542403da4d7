-- `2 normal` is called normal here.
with

landed as (

    select * from {{ source('landing', 'zammad__ticket_priorities') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as priority_id,
    lower(regexp_replace({{ json_text('payload', 'name') }}, '^[0-9]+ +', '')) as priority
from landed
