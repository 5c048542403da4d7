select
    timezone,
    period,
    starts_at,
    ends_at
from {{ source('config', 'periods') }}
