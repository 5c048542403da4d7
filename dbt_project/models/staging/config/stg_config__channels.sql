select
    channel_id,
    source,
    account,
    name,
    kind,
    strategic_objective,
    timezone,
    language,
    connection_id,
    match as match_rule
from {{ source('config', 'channels') }}
