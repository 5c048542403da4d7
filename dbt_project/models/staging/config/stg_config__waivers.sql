select
    agreement_id,
    goal_id,
    period,
    waived_by,
    reason
from {{ source('config', 'waivers') }}
