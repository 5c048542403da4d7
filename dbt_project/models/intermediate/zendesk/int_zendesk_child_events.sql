-- One row a child of a ticket event: a comment, or one field that was set or changed. Inside one audit everything happens at
-- once; comments are ordered before changes, so that a reply that also solves is a reply first (D14).
with

events as (

    select * from {{ ref('stg_zendesk__ticket_events') }}
    where occurred_at <= {{ as_of() }}

),

exploded as (

    select
        events.account,
        events.ticket_id,
        events.event_id,
        events.updater_id,
        events.occurred_at,
        events.source_order as event_order,
        children.element_number,
        children.element as child,
        {{ json_text('children.element', 'event_type') }} as child_type
    from events
    cross join {{ json_elements('events.child_events', 'children') }}

),

final as (

    select
        account,
        ticket_id,
        event_id,
        updater_id,
        occurred_at,
        child_type,
        child,
        {{ json_text('child', 'id') }} as child_id,
        event_order * 1000
        + case when child_type = 'Comment' then 0 else 500 end
        + least(element_number, 499) as source_order,
        lower(coalesce({{ json_text('child', 'via') }}, '')) = 'merge'
        or coalesce({{ json_text('child', 'via.channel') }} in ('merge', '19'), false)
        or coalesce({{ json_text('child', 'via.source.rel') }} = 'merge', false) as is_by_merge,
        coalesce(
            {{ json_text('child', 'via_reference_id') }}, {{ json_text('child', 'via.source.from.ticket_id') }}
        ) as merge_ticket_id
    from exploded
    where child_type in ('Comment', 'Create', 'Change')

)

select * from final
