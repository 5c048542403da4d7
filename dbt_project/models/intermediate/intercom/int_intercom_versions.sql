-- Conversations, and customers' tickets that no conversation stands behind, in their landed versions.
select
    {{ text_key("'intercom:' || account || ':' || conversation_number") }} as conversation_key,
    account,
    conversation_number as ticket_id,
    version_number,
    way_in,
    case when {{ intercom_is_outside('author_type') }} then author_id else contact_id end as customer_id,
    subject,
    text_start,
    delivered_as,
    author_type,
    author_id,
    source_status,
    priority,
    admin_id,
    team_id,
    tags,
    created_at,
    updated_at
from {{ ref('stg_intercom__conversations') }}
where updated_at <= {{ as_of() }}
union all
select
    {{ text_key("'intercom:' || account || ':ticket-' || ticket_number") }} as conversation_key,
    account,
    'ticket-' || ticket_number as ticket_id,
    version_number,
    'ticket' as way_in,
    contact_id as customer_id,
    subject,
    text_start,
    'customer_initiated' as delivered_as,
    'contact' as author_type,
    contact_id as author_id,
    source_status,
    cast(null as varchar) as priority,
    admin_id,
    team_id,
    cast(null as varchar[]) as tags,
    created_at,
    updated_at
from {{ ref('stg_intercom__tickets') }}
where category = 'Customer' and not has_conversation and updated_at <= {{ as_of() }}
