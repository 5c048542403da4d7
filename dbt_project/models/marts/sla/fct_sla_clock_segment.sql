-- Stretches without length are left out, unless the clock has no other; neighbours in the same state are one stretch unless a
-- priority re-targeted the clock in between.
with

boundaries as (

    select
        boundaries.*,
        sum(boundaries.calendar_seconds) over (partition by boundaries.clock_id) as clock_calendar_seconds
    from {{ ref('int_clock_boundaries') }} as boundaries

),

with_length as (

    select *
    from boundaries
    where calendar_seconds > 0 or (clock_calendar_seconds = 0 and boundary_number = 1)

),

marked as (

    select
        *,
        case
            when lag(is_paused) over in_order is null then 1
            when lag(is_paused) over in_order <> is_paused then 1
            when cause not like 'status:%' then 1
            else 0
        end as begins_segment
    from with_length
    window in_order as (partition by clock_id order by boundary_number)

),

numbered as (

    select
        *,
        sum(begins_segment) over (
            partition by clock_id
            order by boundary_number
            rows between unbounded preceding and current row
        ) as segment_number
    from marked

),

segments as (

    select
        clock_id,
        segment_number,
        bool_or(is_paused) as is_paused,
        min(boundary_at) as began_at,
        min_by(cause, boundary_number) as began_by,
        max(next_boundary_at) as ended_at,
        sum(business_seconds) as business_seconds,
        sum(calendar_seconds) as calendar_seconds
    from numbered
    group by clock_id, segment_number

),

final as (

    select
        segments.clock_id,
        cast(segments.segment_number as integer) as segment_number,
        case when segments.is_paused then 'paused' else 'running' end as state,
        segments.began_at,
        segments.began_by,
        segments.ended_at,
        coalesce(
            lead(segments.began_by) over (partition by segments.clock_id order by segments.segment_number),
            clocks.stop_reason,
            'as_of'
        ) as ended_by,
        cast(segments.business_seconds as bigint) as business_seconds,
        cast(segments.calendar_seconds as bigint) as calendar_seconds
    from segments
    inner join {{ ref('int_clocks_started') }} as clocks on segments.clock_id = clocks.clock_id

)

select * from final
