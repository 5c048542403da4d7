with

bounds as (

    select
        least(min(first_message_at), {{ as_of() }}) as first_at,
        {{ as_of() }} as last_at
    from {{ ref('fct_conversation') }}

),

days as (

    {{ date_spine_of_years('bounds', 'first_at', 'last_at') }}

)

select
    date_day,
    cast(date_trunc('month', date_day) as date) as period,
    cast(extract(year from date_day) as integer) as year_number,
    cast(extract(quarter from date_day) as integer) as quarter_number,
    cast(extract(month from date_day) as integer) as month_number,
    cast(extract(day from date_day) as integer) as day_of_month,
    cast({{ iso_day_of_week('date_day') }} as integer) as iso_day_of_week,
    cast(extract(week from date_day) as integer) as iso_week_number,
    {{ iso_day_of_week('date_day') }} >= 6 as is_weekend
from days
