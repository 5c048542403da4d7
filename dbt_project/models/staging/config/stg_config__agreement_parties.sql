select
    agreement_key,
    party_id,
    name,
    role
from {{ source('config', 'agreement_parties') }}
