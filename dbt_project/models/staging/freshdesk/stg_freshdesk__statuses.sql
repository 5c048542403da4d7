-- The names of an account's statuses, out of its ticket fields: activities name them, tickets have their numbers.
with

landed as (

    select * from {{ source('landing', 'freshdesk__ticket_fields') }}
    {{ newest_version(['account', 'record_id']) }}

),

choices as (

    select
        landed.account,
        {{ json_value('landed.payload', 'choices') }} as choices,
        keys.element as status_number
    from landed
    cross join {{ json_all_keys(json_value('landed.payload', 'choices'), 'keys') }}
    where {{ json_text('landed.payload', 'type') }} = 'default_status'

)

select
    account,
    status_number,
    min({{ json_text_under('choices', "status_number || '[0]'") }}) as name
from choices
group by account, status_number
