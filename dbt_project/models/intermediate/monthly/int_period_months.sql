-- Which months of a time zone touch which UTC month: an instant finds its month by an equal join and one comparison.
with

periods as (

    select * from {{ ref('stg_config__periods') }}

),

final as (

    select
        timezone,
        period,
        starts_at,
        ends_at,
        cast(date_trunc('month', starts_at) as date) as utc_month
    from periods
    union
    select
        timezone,
        period,
        starts_at,
        ends_at,
        cast(date_trunc('month', {{ add_seconds('ends_at', '-1') }}) as date) as utc_month
    from periods

)

select * from final
