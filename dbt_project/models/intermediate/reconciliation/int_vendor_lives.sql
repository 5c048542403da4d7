-- Every figure that the vendor gives, with the start and the stop that it has by the vendor's own rules (docs/reconciliation.md):
-- one row a ticket, list, metric and instance. Native durations say only how long: their ends are looked up in the history.
{{ config(database='working') }}
with

statuses as (

    select * from {{ ref('int_vendor_statuses') }}

),

-- The figure of an instance is the one that was noted last; what runs since then has none yet.
noted as (

    select
        conversation_key,
        metric,
        instance_number,
        max({{ epoch_seconds('occurred_at') }}) as stopped_epoch,
        max_by(spent_calendar_minutes, event_order) as calendar_minutes,
        max_by(spent_business_minutes, event_order) as business_minutes
    from {{ ref('stg_zendesk__ticket_metric_events') }}
    where
        event_type = 'update_status'
        and not is_deleted
        and occurred_at <= {{ as_of() }}
        and {{ is_touched('conversation_key') }}
    group by conversation_key, metric, instance_number

),

activated as (

    select
        conversation_key,
        metric,
        instance_number,
        min(case when event_type = 'activate' then {{ epoch_seconds('occurred_at') }} end) as started_epoch,
        max_by(target_seconds, event_order) filter (where event_type = 'apply_sla') as target_seconds,
        max_by(is_target_in_business_hours, event_order) filter (where event_type = 'apply_sla') as is_target_in_business_hours,
        bool_or(event_type = 'breach') as is_breached
    from {{ ref('stg_zendesk__ticket_metric_events') }}
    where
        not is_deleted
        and occurred_at <= {{ as_of() }}
        and {{ is_touched('conversation_key') }}
    group by conversation_key, metric, instance_number

),

counters as (

    select
        noted.conversation_key,
        'ticket_metric_events' as feed,
        noted.metric as vendor_metric,
        noted.instance_number,
        {{ zendesk_measured_by('noted.metric', 'noted.instance_number') }} as metric,
        activated.started_epoch,
        noted.stopped_epoch,
        noted.calendar_minutes * 60 as calendar_seconds,
        noted.business_minutes * 60 as business_seconds,
        60 as precision_seconds,
        activated.target_seconds,
        activated.is_target_in_business_hours,
        case when activated.target_seconds is not null then activated.is_breached end as is_breached
    from noted
    inner join activated
        on
            noted.conversation_key = activated.conversation_key
            and noted.metric = activated.metric
            and noted.instance_number = activated.instance_number

),

first_replies as (

    select
        comments.conversation_key,
        min({{ epoch_seconds('comments.published_at') }}) as reply_epoch
    from {{ ref('int_zendesk_comments') }} as comments
    inner join (
        select
            conversation_key,
            min(source_order) as opening_order
        from {{ ref('int_zendesk_comments') }}
        where {{ is_touched('conversation_key') }}
        group by conversation_key
    ) as openings on comments.conversation_key = openings.conversation_key
    -- The comment with which an agent opens a ticket is no reply.
    where comments.direction = 'outbound' and comments.source_order > openings.opening_order
    group by comments.conversation_key

),

closings as (

    select
        conversation_key,
        min(from_epoch) as first_epoch,
        max(from_epoch) as last_epoch
    from statuses
    where status in ('solved', 'closed') and coalesce(previous_status, 'new') not in ('solved', 'closed')
    group by conversation_key

),

-- Waits are written down when a status ends; statuses in which nothing is counted may follow.
waits as (

    select
        statuses.conversation_key,
        min(case when statuses.status in ('new', 'open', 'hold') then statuses.from_epoch end) as started_epoch,
        case
            when max_by(statuses.status, statuses.from_epoch) in ('solved', 'closed') then max(closings.last_epoch)
            else max(statuses.from_epoch)
        end as stopped_epoch
    from statuses
    left join closings on statuses.conversation_key = closings.conversation_key
    group by statuses.conversation_key

),

tickets as (

    select
        metrics.*,
        {{ epoch_seconds('metrics.created_at') }} as created_epoch,
        first_replies.reply_epoch,
        closings.first_epoch as first_solved_epoch,
        closings.last_epoch as last_solved_epoch,
        waits.started_epoch as wait_started_epoch,
        waits.stopped_epoch as wait_stopped_epoch
    from {{ ref('stg_zendesk__ticket_metrics') }} as metrics
    left join first_replies on metrics.conversation_key = first_replies.conversation_key
    left join closings on metrics.conversation_key = closings.conversation_key
    left join waits on metrics.conversation_key = waits.conversation_key
    where metrics.created_at <= {{ as_of() }} and {{ is_touched('metrics.conversation_key') }}

),

natives as (

    select
        conversation_key,
        'reply_time_in_minutes' as vendor_metric,
        'first_response' as metric,
        created_epoch as started_epoch,
        reply_epoch as stopped_epoch,
        reply_time_calendar_minutes * 60 as calendar_seconds,
        reply_time_business_minutes * 60 as business_seconds,
        60 as precision_seconds
    from tickets
    union all
    select
        conversation_key,
        'reply_time_in_seconds' as vendor_metric,
        'first_response' as metric,
        created_epoch as started_epoch,
        reply_epoch as stopped_epoch,
        reply_time_calendar_seconds as calendar_seconds,
        cast(null as bigint) as business_seconds,
        1 as precision_seconds
    from tickets
    union all
    select
        conversation_key,
        'first_resolution_time_in_minutes' as vendor_metric,
        'first_resolution' as metric,
        created_epoch as started_epoch,
        first_solved_epoch as stopped_epoch,
        first_resolution_time_calendar_minutes * 60 as calendar_seconds,
        first_resolution_time_business_minutes * 60 as business_seconds,
        60 as precision_seconds
    from tickets
    union all
    select
        conversation_key,
        'full_resolution_time_in_minutes' as vendor_metric,
        'full_resolution' as metric,
        created_epoch as started_epoch,
        last_solved_epoch as stopped_epoch,
        full_resolution_time_calendar_minutes * 60 as calendar_seconds,
        full_resolution_time_business_minutes * 60 as business_seconds,
        60 as precision_seconds
    from tickets
    union all
    select
        conversation_key,
        'requester_wait_time_in_minutes' as vendor_metric,
        'requester_wait' as metric,
        wait_started_epoch as started_epoch,
        wait_stopped_epoch as stopped_epoch,
        requester_wait_time_calendar_minutes * 60 as calendar_seconds,
        requester_wait_time_business_minutes * 60 as business_seconds,
        60 as precision_seconds
    from tickets

),

final as (

    select * from counters
    union all
    select
        conversation_key,
        'ticket_metrics' as feed,
        vendor_metric,
        1 as instance_number,
        metric,
        started_epoch,
        stopped_epoch,
        calendar_seconds,
        business_seconds,
        precision_seconds,
        cast(null as bigint) as target_seconds,
        cast(null as boolean) as is_target_in_business_hours,
        cast(null as boolean) as is_breached
    from natives

)

select * from final
where metric is not null and calendar_seconds is not null
