-- The statuses in which a goal's clocks stand still: those that the goal names (D17) and those that its measure leaves out (M4,
-- M5).
with

named as (

    select
        goal_key,
        unnest(pause_statuses) as status
    from {{ ref('stg_config__goals') }}

),

left_out as (

    select
        goals.goal_key,
        measures.status
    from {{ ref('stg_config__goals') }} as goals
    inner join {{ ref('measure_pauses') }} as measures on goals.metric = measures.metric

),

unioned as (

    select * from named
    union
    select * from left_out

),

numbers as (

    select distinct
        goal_key,
        goal_number
    from {{ ref('int_clock_goals') }}

)

select
    numbers.goal_number,
    unioned.status
from unioned
inner join numbers on unioned.goal_key = numbers.goal_key
