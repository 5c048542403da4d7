select
    agreement_key,
    agreement_id,
    version,
    from_at,
    to_at
from {{ source('config', 'agreement_in_force') }}
