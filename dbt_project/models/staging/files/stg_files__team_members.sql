with

landed as (

    select * from {{ source('landing', 'files__team_members') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    {{ json_text('payload', 'team_id') }} as team_id,
    {{ json_text('payload', 'person_id') }} as person_id,
    coalesce(cast({{ json_text('payload', 'is_deleted') }} as boolean), false) as is_deleted
from landed
