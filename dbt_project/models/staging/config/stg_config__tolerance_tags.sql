select
    channel_id,
    tag,
    rule,
    agreement_key,
    from_at,
    to_at
from {{ source('config', 'tolerance_tags') }}
