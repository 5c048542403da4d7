select
    channel_id,
    statement_number,
    is_main,
    agreement_key,
    goal_key,
    language,
    statement_text,
    character_count,
    character_limit,
    reading_ease_score,
    is_written_by_hand,
    placement,
    statement_url,
    verified_at,
    problem
from {{ source('config', 'public_statements') }}
