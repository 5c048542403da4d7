-- The stretches in which the vendor's clock of a figure runs: its own marks, or what a native duration is said to count.
{{ config(database='working') }}
with

lives as (

    select * from {{ ref('int_vendor_lives') }}

),

marks as (

    select
        conversation_key,
        metric,
        instance_number,
        event_type,
        {{ epoch_seconds('occurred_at') }} as from_epoch,
        lead({{ epoch_seconds('occurred_at') }}) over chronological as to_epoch
    from {{ ref('stg_zendesk__ticket_metric_events') }}
    where
        event_type in ('activate', 'pause', 'fulfill')
        and not is_deleted
        and occurred_at <= {{ as_of() }}
        and {{ is_touched('conversation_key') }}
    window chronological as (partition by conversation_key, metric, instance_number order by occurred_at, event_order)

),

counted as (

    select
        lives.conversation_key,
        lives.feed,
        lives.vendor_metric,
        lives.instance_number,
        marks.from_epoch,
        least(coalesce(marks.to_epoch, lives.stopped_epoch), lives.stopped_epoch) as to_epoch
    from lives
    inner join marks
        on
            lives.conversation_key = marks.conversation_key
            and lives.vendor_metric = marks.metric
            and lives.instance_number = marks.instance_number
    where lives.feed = 'ticket_metric_events' and marks.event_type = 'activate' and marks.from_epoch < lives.stopped_epoch
    union all
    select
        lives.conversation_key,
        lives.feed,
        lives.vendor_metric,
        lives.instance_number,
        statuses.from_epoch,
        statuses.to_epoch
    from lives
    inner join {{ ref('int_vendor_statuses') }} as statuses on lives.conversation_key = statuses.conversation_key
    where
        lives.feed = 'ticket_metrics'
        and lives.metric = 'requester_wait'
        and statuses.status in ('new', 'open', 'hold')
        and statuses.to_epoch is not null
    union all
    select
        conversation_key,
        feed,
        vendor_metric,
        instance_number,
        started_epoch as from_epoch,
        stopped_epoch as to_epoch
    from lives
    where feed = 'ticket_metrics' and metric <> 'requester_wait' and stopped_epoch is not null

)

select * from counted
where to_epoch > from_epoch
