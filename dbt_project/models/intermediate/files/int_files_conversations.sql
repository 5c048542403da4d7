select {{ canonical_columns('conversations') | join(', ') }}
from {{ ref('int_files_tickets') }}
where channel_id is not null
