-- One value that a property of a ticket had from some time on.
with

landed as (

    select * from {{ source('landing', 'hubspot__ticket_histories') }}
    {{ newest_version(['account', 'record_id']) }}

),

properties as (

    select
        landed.account,
        landed.record_id as ticket_id,
        keys.element as property,
        {{ json_value_under('landed.payload', "'propertiesWithHistory.' || keys.element") }} as settings
    from landed
    cross join {{ json_keys_of(
        json_value('landed.payload', 'propertiesWithHistory'),
        ['hs_pipeline_stage', 'hs_ticket_priority', 'hubspot_owner_id', 'hubspot_team_id', 'hs_merged_object_ids'],
        'keys'
    ) }}

)

select
    properties.account,
    properties.ticket_id,
    properties.property,
    -- The newest comes first.
    elements.element_number as place,
    {{ json_text('elements.element', 'value') }} as value,
    {{ utc_from_iso(json_text('elements.element', 'timestamp')) }} as set_at,
    {{ epoch_ms_from_iso(json_text('elements.element', 'timestamp')) }} as set_ms
from properties
cross join {{ json_elements('properties.settings', 'elements') }}
