-- Every event of every conversation in its one order (D14), per way of counting.
with

events as (

    select * from {{ ref('int_clock_events') }}
    union all
    select * from {{ ref('int_clock_events_moved') }}

)

select * from ({{ clock_timeline('events') }}) as timeline
