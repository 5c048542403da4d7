-- Freshdesk's "conversations" are a ticket's messages and notes.
with

landed as (

    select * from {{ source('landing', 'freshdesk__conversations') }}
    {{ newest_version(['account', 'record_id']) }}

),

parsed as (

    select
        account,
        record_id as message_id,
        {{ json_text('payload', 'ticket_id') }} as ticket_id,
        {{ json_text('payload', 'user_id') }} as user_id,
        cast({{ json_text('payload', 'incoming') }} as boolean) as is_incoming,
        cast({{ json_text('payload', 'private') }} as boolean) as is_private,
        {{ json_text('payload', 'source') }} as source_number,
        left(lower(trim(coalesce({{ json_text('payload', 'body_text') }}, ''))), 200) as text_start,
        {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at
    from landed

)

select
    {{ text_key("'freshdesk:' || account || ':' || ticket_id") }} as conversation_key,
    account,
    ticket_id,
    message_id,
    user_id,
    is_incoming,
    is_private,
    source_number,
    text_start,
    -- The notes that a merge leaves in either ticket.
    {{ first_match('text_start', 'closed and merged into ticket #?([0-9]+)') }} as merged_into_ticket_id,
    text_start like '%merged into this ticket%' or text_start like '%closed and merged into ticket%' as is_by_merge,
    created_at
from parsed
