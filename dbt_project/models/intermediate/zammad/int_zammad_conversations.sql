select {{ canonical_columns('conversations') | join(', ') }}
from {{ ref('int_zammad_tickets') }}
where channel_id is not null
