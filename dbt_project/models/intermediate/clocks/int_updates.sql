with

ways as (

    select distinct way_number
    from {{ ref('int_clock_shapes') }}
    where metric in ('periodic_update', 'pausable_update')

)

select * from ({{ update_gaps('ways') }}) as gaps
