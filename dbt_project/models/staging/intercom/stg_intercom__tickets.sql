with

landed as (

    select * from {{ source('landing', 'intercom__tickets') }}
    {{ newest_version(['account', 'record_id', 'record_updated_at']) }}

)

select
    account,
    record_id as ticket_number,
    row_number() over (partition by account, record_id order by record_updated_at) as version_number,
    {{ json_text('payload', 'category') }} as category,
    {{ json_text('payload', 'ticket_attributes._default_title_') }} as subject,
    left(lower(trim(coalesce({{ json_text('payload', 'ticket_attributes._default_description_') }}, ''))), 200) as text_start,
    {{ json_text('payload', 'contacts.contacts[0].id') }} as contact_id,
    {{ json_text('payload', 'ticket_state.category') }} as source_status,
    {{ json_text('payload', 'admin_assignee_id') }} as admin_id,
    {{ json_text('payload', 'team_assignee_id') }} as team_id,
    -- The conversation that it was made from has the messages.
    coalesce(
        {{ array_holds(json_texts_of('payload', 'linked_objects.data', 'type'), "'conversation'") }}, false
    ) as has_conversation,
    {{ utc_from_epoch(json_text('payload', 'created_at')) }} as created_at,
    {{ utc_from_epoch(json_text('payload', 'updated_at')) }} as updated_at
from landed
