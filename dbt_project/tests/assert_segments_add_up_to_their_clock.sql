-- D1: cutting a clock into stretches never changes its sums. An incremental build looks at the clocks that it has computed again.
with

segments as (

    select
        clock_id,
        sum(case when state = 'running' then business_seconds else 0 end) as business_seconds,
        sum(case when state = 'running' then calendar_seconds else 0 end) as calendar_seconds,
        sum(case when state = 'paused' then calendar_seconds else 0 end) as paused_seconds,
        sum(case when state = 'paused' then business_seconds else 0 end) as paused_business_seconds
    from {{ ref('fct_sla_clock_segment') }}
    where {{ is_touched('conversation_key') }}
    group by clock_id

),

clocks as (

    select
        clock_id,
        elapsed_business_seconds,
        elapsed_calendar_seconds,
        paused_seconds,
        paused_business_seconds
    from {{ ref('fct_sla_clock') }}
    where {{ is_touched('conversation_key') }}

)

select coalesce(clocks.clock_id, segments.clock_id) as clock_id
from clocks
full join segments on clocks.clock_id = segments.clock_id
where
    clocks.clock_id is null
    or segments.clock_id is null
    or segments.business_seconds <> clocks.elapsed_business_seconds
    or segments.calendar_seconds <> clocks.elapsed_calendar_seconds
    or segments.paused_seconds <> clocks.paused_seconds
    or segments.paused_business_seconds <> clocks.paused_business_seconds
