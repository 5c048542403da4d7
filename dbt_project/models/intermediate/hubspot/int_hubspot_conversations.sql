select {{ canonical_columns('conversations') | join(', ') }}
from {{ ref('int_hubspot_tickets') }}
where channel_id is not null
