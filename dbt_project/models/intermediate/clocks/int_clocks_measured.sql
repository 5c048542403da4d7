-- Every clock with its readings, its due instant and its outcome (D1, D2, D6, D7, D15-D17).
with

clocks as (

    select
        started.*,
        coalesce(choices.is_left, false) as is_left
    from {{ ref('int_clocks_started') }} as started
    left join {{ ref('int_clock_choices') }} as choices on started.clock_key = choices.clock_key
    where started.candidate_number = 0 or choices.clock_key is not null

)

select * from ({{ measured_clocks('clocks') }}) as measured
