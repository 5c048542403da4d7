select
    agreement_key,
    channel_id
from {{ source('config', 'agreement_channels') }}
