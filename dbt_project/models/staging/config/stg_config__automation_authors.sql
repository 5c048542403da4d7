select
    source,
    account,
    author_ref,
    reason
from {{ source('config', 'automation_authors') }}
