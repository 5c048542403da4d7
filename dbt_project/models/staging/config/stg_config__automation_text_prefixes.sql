select
    source,
    account,
    text_prefix,
    reason
from {{ source('config', 'automation_text_prefixes') }}
