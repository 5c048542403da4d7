-- The stages of all pipelines, out of the pipelines.
with

landed as (

    select * from {{ source('landing', 'hubspot__pipelines') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    landed.account,
    {{ json_text('elements.element', 'id') }} as stage_id,
    min({{ json_text('elements.element', 'label') }}) as label,
    min({{ json_text('elements.element', 'metadata.ticketState') }}) as ticket_state
from landed
cross join {{ json_elements(json_value('landed.payload', 'stages'), 'elements') }}
group by landed.account, {{ json_text('elements.element', 'id') }}
