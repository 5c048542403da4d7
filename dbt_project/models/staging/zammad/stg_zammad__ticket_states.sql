-- Names of states are the account's own; each has one of Zammad's types.
with

landed as (

    select * from {{ source('landing', 'zammad__ticket_states') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as state_id,
    {{ json_text('payload', 'name') }} as name,
    {{ json_text('payload', 'state_type') }} as state_type
from landed
