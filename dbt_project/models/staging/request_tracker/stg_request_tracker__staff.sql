-- Landed every day as it is then; kept is when somebody came to the staff or left it (R4). The oldest version stands for what was
-- before it.
with

landed as (

    select * from {{ source('landing', 'request_tracker__staff') }}
    {{ newest_version(['account', 'record_id', 'record_updated_at']) }}

),

versions as (

    select
        account,
        record_id as user_id,
        {{ json_text('payload', 'Name') }} in ('Nobody', 'RT_System') as is_system,
        {{ json_text('payload', 'Name') }} = 'Nobody' as is_nobody,
        not coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false) as is_staff,
        date_trunc('second', record_updated_at) as landed_at
    from landed

),

compared as (

    select
        *,
        lag(is_staff) over (partition by account, user_id order by landed_at) as was_staff
    from versions

),

changes as (

    select * from compared
    where is_staff is distinct from was_staff

)

select
    account,
    user_id,
    is_system,
    is_nobody,
    is_staff,
    row_number() over chronological as version_number,
    case when row_number() over chronological = 1 then cast('1970-01-01' as timestamp) else landed_at end as from_at,
    coalesce(lead(landed_at) over chronological, cast('9999-01-01' as timestamp)) as until_at,
    lead(landed_at) over chronological is null as is_newest
from changes
window chronological as (partition by account, user_id order by landed_at)
