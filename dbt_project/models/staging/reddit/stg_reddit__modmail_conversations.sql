with

landed as (

    select * from {{ source('landing', 'reddit__modmail_conversations') }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as conversation_id,
    lower({{ json_text('payload', 'participant.name') }}) as participant_id,
    coalesce({{ json_text('payload', 'isInternal') }} = 'true', false) as is_internal,
    {{ json_text('payload', 'owner.displayName') }} as subreddit,
    record_updated_at
from landed
