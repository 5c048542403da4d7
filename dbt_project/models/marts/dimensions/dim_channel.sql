select
    channel_id,
    source,
    account,
    name,
    kind,
    strategic_objective,
    timezone
from {{ ref('stg_config__channels') }}
