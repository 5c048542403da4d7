-- Channels are told apart by the queue that a ticket was created in. Its queue at as_of is its tag: one for spam excludes (D8).
with

queue_settings as (

    select * from {{ ref('int_request_tracker_settings') }}
    where field = 'queue'

),

queues as (

    select
        settings.conversation_key,
        min(case when settings.is_creation then names.name end) as way_in,
        max_by(lower(names.name), settings.source_order) as queue_name
    from queue_settings as settings
    left join {{ ref('stg_request_tracker__queues') }} as names
        on settings.account = names.account and settings.new_value = names.queue_id
    group by settings.conversation_key

),

deletions as (

    select
        conversation_key,
        occurred_at as deleted_at
    from (
        select
            *,
            row_number() over (partition by conversation_key order by source_order desc) as from_newest
        from {{ ref('int_request_tracker_settings') }}
        where field = 'status'
    ) as statuses
    where from_newest = 1 and new_value = 'deleted'

),

customers as (

    select distinct
        conversation_key,
        customer_id
    from {{ ref('int_request_tracker_requestors') }}

),

tickets as (

    select
        versions.conversation_key,
        versions.account,
        versions.ticket_id,
        queues.way_in,
        customers.customer_id,
        versions.created_at,
        versions.subject,
        array['queue:' || queues.queue_name] as tags,
        false as is_spam,
        deletions.deleted_at,
        merging.parent_ticket_id as merged_into_ticket_id,
        merging.merged_at
    from {{ ref('stg_request_tracker__tickets') }} as versions
    left join queues on versions.conversation_key = queues.conversation_key
    left join customers on versions.conversation_key = customers.conversation_key
    left join deletions on versions.conversation_key = deletions.conversation_key
    left join {{ ref('int_request_tracker_merges') }} as merging on versions.conversation_key = merging.conversation_key
    where versions.created_at <= {{ as_of() }}

),

{{ helpdesk_tickets('request_tracker', 'tickets', match_key='queue') }}

select * from final
