-- Which clock of ours a figure of the vendor's is to be set beside. What there is once a conversation is compared as it is; turns
-- and updates are matched by the instant at which they start, else by the one at which they stop, the nearest start first.
-- Nothing is compared twice.
{{ config(database='working') }}
with

clocks as (

    select
        clock_id,
        conversation_key,
        goal_key,
        metric,
        {{ epoch_seconds('started_at') }} as started_epoch,
        {{ epoch_seconds('stopped_at') }} as stopped_epoch
    from {{ ref('fct_sla_clock') }}
    where source = 'zendesk' and {{ is_touched('conversation_key') }}

),

found as (

    select
        clocks.clock_id,
        clocks.goal_key,
        lives.conversation_key,
        lives.feed,
        lives.vendor_metric,
        lives.instance_number,
        abs(clocks.started_epoch - lives.started_epoch) as distance
    from clocks
    inner join {{ ref('int_vendor_lives') }} as lives
        on clocks.conversation_key = lives.conversation_key and clocks.metric = lives.metric
    where
        clocks.metric not in ('next_response', 'periodic_update', 'pausable_update')
        or clocks.started_epoch = lives.started_epoch
        or clocks.stopped_epoch = lives.stopped_epoch

),

ranked as (

    select
        *,
        row_number() over (partition by clock_id, feed, vendor_metric order by distance, instance_number) as clock_rank,
        row_number() over (
            partition by conversation_key, goal_key, feed, vendor_metric, instance_number
            order by distance, clock_id
        ) as life_rank
    from found

)

select
    clock_id,
    conversation_key,
    feed,
    vendor_metric,
    instance_number
from ranked
where clock_rank = 1 and life_rank = 1
