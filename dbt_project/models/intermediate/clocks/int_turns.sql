with

events as (

    select * from {{ ref('int_clock_events') }}
    union all
    select * from {{ ref('int_clock_events_moved') }}

)

select * from ({{ clock_turns('events') }}) as turns
