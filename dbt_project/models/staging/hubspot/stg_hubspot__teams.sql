-- Teams have no list of their own: they stand with their members.
with

landed as (

    select * from {{ source('landing', 'hubspot__owners') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    landed.account,
    {{ json_text('elements.element', 'id') }} as group_id,
    min({{ json_text('elements.element', 'name') }}) as name,
    false as is_deleted
from landed
cross join {{ json_elements(json_value('landed.payload', 'teams'), 'elements') }}
group by landed.account, {{ json_text('elements.element', 'id') }}
