-- Chatwoot merges contacts, not conversations. A blocked contact's conversations are spam (D8).
with

tickets as (

    select
        conversation_key,
        account,
        conversation_number as ticket_id,
        inbox_id as way_in,
        contact_id as customer_id,
        created_at,
        cast(null as varchar) as subject,
        labels as tags,
        is_blocked as is_spam,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as merged_into_ticket_id,
        cast(null as timestamp) as merged_at,
        channel_type
    from {{ ref('stg_chatwoot__conversations') }}
    where created_at <= {{ as_of() }} and last_activity_at <= {{ as_of() }}
    qualify row_number() over (partition by conversation_key order by version_number desc) = 1

),

{{ helpdesk_tickets('chatwoot', 'tickets', match_key='inbox') }}

select
    final.*,
    tickets.channel_type
from final
inner join tickets on final.conversation_key = tickets.conversation_key
