select
    channel_id,
    agreement_key,
    goal_key,
    timezone,
    schedule_id,
    basis,
    responder,
    target_value,
    target_unit,
    target_seconds,
    from_at,
    to_at
from {{ source('config', 'channel_promises') }}
