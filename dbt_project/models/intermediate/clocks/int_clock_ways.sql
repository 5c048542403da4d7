-- The ways of counting events that goals ask for: who may respond (R1, R2) and which of the customer's two times counts (D10).
-- Persons and published times are always one of them: what a conversation says of itself is counted so.
with

ways as (

    select
        case when responder = 'none' then 'human' else responder end as responder,
        start_basis
    from {{ ref('int_clock_goals') }}
    union
    select
        'human' as responder,
        'published' as start_basis

)

select
    row_number() over (order by start_basis asc, responder desc) as way_number,
    responder,
    start_basis,
    responder = 'human' and start_basis = 'published' as is_default
from ways
