select
    agreement_id,
    goal_id,
    period,
    excluded_by,
    reason,
    evidence
from {{ source('config', 'credit_exclusions') }}
