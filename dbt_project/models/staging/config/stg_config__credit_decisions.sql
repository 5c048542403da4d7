select
    agreement_id,
    goal_id,
    period,
    decision,
    amount,
    decided_by,
    decided_date,
    reason,
    reference
from {{ source('config', 'credit_decisions') }}
