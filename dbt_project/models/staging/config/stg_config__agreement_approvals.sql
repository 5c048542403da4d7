select
    agreement_key,
    party_id,
    approved_by,
    approved_date,
    revoked_date,
    expires_date
from {{ source('config', 'agreement_approvals') }}
