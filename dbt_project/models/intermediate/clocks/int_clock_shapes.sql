-- What decides where a goal's clocks start and stop: the measure, who may respond (R1, R2) and which of the customer's two times
-- counts (D10). Goals of one shape have the same clocks. What needs no response is counted as if a person had to give it: that
-- decides which messages a merge moves (D9).
with

shapes as (

    select distinct
        shape_number,
        metric,
        responder,
        start_basis,
        case when responder = 'none' then 'human' else responder end as counted_responder
    from {{ ref('int_clock_goals') }}

)

select
    shapes.*,
    ways.way_number
from shapes
inner join {{ ref('int_clock_ways') }} as ways
    on shapes.counted_responder = ways.responder and shapes.start_basis = ways.start_basis
