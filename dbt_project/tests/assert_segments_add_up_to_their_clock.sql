-- D1: cutting a clock into stretches never changes its sums.
with

segments as (

    select
        clock_id,
        sum(case when state = 'running' then business_seconds else 0 end) as business_seconds,
        sum(case when state = 'running' then calendar_seconds else 0 end) as calendar_seconds,
        sum(case when state = 'paused' then calendar_seconds else 0 end) as paused_seconds
    from {{ ref('fct_sla_clock_segment') }}
    group by clock_id

)

select clocks.clock_id
from {{ ref('fct_sla_clock') }} as clocks
left join segments on clocks.clock_id = segments.clock_id
where
    segments.clock_id is null
    or segments.business_seconds <> clocks.elapsed_business_seconds
    or segments.calendar_seconds <> clocks.elapsed_calendar_seconds
    or segments.paused_seconds <> clocks.paused_seconds
