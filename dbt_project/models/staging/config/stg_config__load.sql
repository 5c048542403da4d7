select
    as_of,
    config_sha256,
    calendar_from_date,
    calendar_to_date
from {{ source('config', 'load') }}
