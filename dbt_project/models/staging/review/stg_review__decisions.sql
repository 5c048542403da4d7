-- The first decision on a flag stands (T4).
with

landed as (

    select * from {{ source('landing', 'review__decisions') }}
    qualify row_number() over (partition by record_id order by record_updated_at, extracted_at) = 1

)

select
    {{ json_text('payload', 'flag_id') }} as flag_id,
    {{ json_text('payload', 'agreement_id') }} as agreement_id,
    {{ json_text('payload', 'goal_id') }} as goal_id,
    {{ json_text('payload', 'decision') }} as decision,
    {{ json_text('payload', 'decided_by') }} as decided_by,
    {{ utc_from_iso(json_text('payload', 'decided_at')) }} as decided_at,
    {{ json_text('payload', 'reason') }} as reason,
    {{ json_value('payload', 'actions') }} as actions,
    {{ json_text('payload', 'release_id') }} as release_id
from landed
