select {{ canonical_columns('conversations') | join(', ') }}
from {{ ref('int_request_tracker_tickets') }}
where channel_id is not null
