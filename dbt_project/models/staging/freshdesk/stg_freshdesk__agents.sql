with

landed as (

    select * from {{ source('landing', 'freshdesk__agents') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as agent_id,
    coalesce({{ json_text('payload', 'type') }}, 'agent') as role,
    -- Somebody in several groups writes for none of them in particular.
    {{ only_element(json_texts('payload', 'group_ids')) }} as only_group_id,
    coalesce(cast({{ json_text('payload', 'social_sla_deleted') }} as boolean), false) as is_deleted
from landed
