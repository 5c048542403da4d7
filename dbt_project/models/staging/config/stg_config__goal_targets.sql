select
    goal_key,
    priority,
    target_value,
    target_unit,
    target_seconds
from {{ source('config', 'goal_targets') }}
