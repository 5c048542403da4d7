{{ config(materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail') }}
-- How long each message of a customer waits (M14): from when it was written to the person's answer or the closing that follows,
-- at most 7 days (M7: from then on it counts as never answered); one that is deleted or that a merge carries away, until then.
-- This stays from build to build, as the facts do: what is made of it needs every conversation, not only those of a day.
with

events as (

    select
        timeline.conversation_key,
        timeline.event_number,
        timeline.event,
        timeline.event_epoch,
        timeline.start_epoch,
        timeline.deleted_epoch,
        timeline.enders_before
    from {{ ref('int_clock_timeline') }} as timeline
    inner join {{ ref('int_clock_ways') }} as ways on timeline.way_number = ways.way_number and ways.is_default
    where timeline.event <> {{ code('event', 'reopening') }}

),

-- The response or closing that ends what waits since the one before it.
enders as (

    select
        conversation_key,
        enders_before,
        event_epoch as ended_epoch
    from events
    where event <> {{ code('event', 'inbound') }}

),

conversations as (

    select
        conversation_key,
        channel_id,
        {{ epoch_seconds('merged_at') }} as merged_epoch
    from {{ ref('int_conversations') }}
    where excluded_reason is null and {{ is_touched('conversation_key') }}

),

waits as (

    select
        events.conversation_key,
        events.event_number,
        conversations.channel_id,
        events.start_epoch as from_epoch,
        least(
            events.start_epoch + {{ longest_wait_seconds() }},
            enders.ended_epoch,
            events.deleted_epoch,
            conversations.merged_epoch
        ) as to_epoch
    from events
    inner join conversations on events.conversation_key = conversations.conversation_key
    left join enders
        on
            events.conversation_key = enders.conversation_key
            and events.enders_before = enders.enders_before
    where events.event = {{ code('event', 'inbound') }}

)

select *
from waits
where from_epoch < to_epoch
