select
    agreement_key,
    from_period,
    to_period,
    fee_amount
from {{ source('config', 'credit_fees') }}
