select
    agreement_key,
    goal_id,
    precedence,
    band,
    from_rate,
    below_rate,
    credit_rate
from {{ source('config', 'credit_bands') }}
