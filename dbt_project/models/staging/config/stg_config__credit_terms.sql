select
    agreement_key,
    currency,
    minor_unit,
    rounding,
    goal_cap_rate,
    cap_rate,
    repeat_consecutive_periods,
    repeat_multiplier,
    earn_back_periods,
    earn_back_rate
from {{ source('config', 'credit_terms') }}
