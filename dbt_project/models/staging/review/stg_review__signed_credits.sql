-- The credits that were signed with their figures (D11). Figures signed before an agreement gave credits have none.
with

landed as (

    select * from {{ source('landing', 'review__signed_figures') }}
    qualify row_number() over (partition by record_id order by record_updated_at, extracted_at) = 1

)

select
    {{ json_text('payload', 'agreement_id') }} as agreement_id,
    {{ json_text('payload', 'goal_id') }} as goal_id,
    cast({{ json_text('payload', 'period') }} as date) as period,
    {% for column, type in signed_credit_columns().items() -%}
        cast({{ json_text('payload', 'credit.' ~ column) }} as {{ type }}) as {{ column }},
    {% endfor -%}
    {{ json_text('payload', 'credit.currency') }} as currency,
    {{ json_text('payload', 'release_id') }} as signed_release_id
from landed
where {{ json_text('payload', 'credit.currency') }} is not null
