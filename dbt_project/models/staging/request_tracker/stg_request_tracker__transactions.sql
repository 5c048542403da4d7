-- ticket_id is the ticket that the transaction happened to, also where that was merged into another afterwards.
with

landed as (

    select * from {{ source('landing', 'request_tracker__transactions') }}
    {{ newest_version(['account', 'record_id']) }}

),

parsed as (

    select
        account,
        record_id as transaction_id,
        {{ json_text('payload', 'ObjectId') }} as ticket_id,
        {{ json_text('payload', 'Type') }} as transaction_type,
        {{ request_tracker_text('Field') }} as field,
        {{ request_tracker_text('OldValue') }} as old_value,
        {{ request_tracker_text('NewValue') }} as new_value,
        {{ json_text('payload', 'Creator.id') }} as creator_id,
        {{ utc_from_iso(json_text('payload', 'Created')) }} as occurred_at
    from landed

)

select
    {{ text_key("'request_tracker:' || account || ':' || ticket_id") }} as conversation_key,
    account,
    transaction_id,
    cast(transaction_id as bigint) as transaction_number,
    ticket_id,
    transaction_type,
    field,
    old_value,
    new_value,
    creator_id,
    occurred_at
from parsed
