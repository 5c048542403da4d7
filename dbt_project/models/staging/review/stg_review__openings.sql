-- When people were first asked about a flag: from then on it is in review (T4).
select
    {{ json_text('payload', 'flag_id') }} as flag_id,
    min({{ utc_from_iso(json_text('payload', 'opened_at')) }}) as opened_at,
    max({{ utc_from_iso(json_text('payload', 'due_at')) }}) as due_at
from {{ source('landing', 'review__openings') }}
group by {{ json_text('payload', 'flag_id') }}
