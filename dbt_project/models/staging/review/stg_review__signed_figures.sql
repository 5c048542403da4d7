-- A period is signed once: the first record of a key counts, whatever is landed later (D11).
with

landed as (

    select * from {{ source('landing', 'review__signed_figures') }}
    qualify row_number() over (partition by record_id order by record_updated_at, extracted_at) = 1

)

select
    {{ json_text('payload', 'agreement_id') }} as agreement_id,
    {{ json_text('payload', 'goal_id') }} as goal_id,
    cast({{ json_text('payload', 'period') }} as date) as period,
    {% for column in signed_counts() -%}
        cast({{ json_text('payload', column) }} as bigint) as {{ column }},
    {% endfor -%}
    cast({{ json_text('payload', 'goal_rate') }} as decimal(9, 6)) as goal_rate,
    cast({{ json_text('payload', 'is_goal_met') }} as boolean) as is_goal_met,
    {{ json_text('payload', 'indeterminate_reason') }} as indeterminate_reason,
    cast({{ json_text('payload', 'p50_seconds') }} as double) as p50_seconds,
    cast({{ json_text('payload', 'p90_seconds') }} as double) as p90_seconds,
    {{ json_text('payload', 'release_id') }} as signed_release_id
from landed
