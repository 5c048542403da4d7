select
    {{ hash_id(['approvals.agreement_key', 'approvals.party_id']) }} as party_key,
    approvals.party_id,
    approvals.agreement_key,
    agreements.agreement_id,
    cast(agreements.version as integer) as agreement_version,
    approvals.name,
    approvals.role,
    approvals.is_approved,
    approvals.approved_by,
    approvals.approved_date
from {{ ref('int_agreement_approvals') }} as approvals
inner join {{ ref('stg_config__agreements') }} as agreements on approvals.agreement_key = agreements.agreement_key
