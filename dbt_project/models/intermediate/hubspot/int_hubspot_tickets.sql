-- A ticket with its threads; a thread without a ticket by itself. The customer is who began the first thread.
with

threads as (

    select
        conversation_key,
        min(account) as account,
        min(ticket_id) as ticket_id,
        bool_or(has_ticket) as has_ticket,
        min_by(way_in, created_at) as way_in,
        min_by(contact_id, created_at) as contact_id,
        bool_and(is_spam) as is_spam,
        min(created_at) as created_at
    from {{ ref('int_hubspot_threads') }}
    group by conversation_key

),

archived_threads as (

    select
        threads.conversation_key,
        archived.archived_at
    from {{ ref('stg_hubspot__archived_threads') }} as archived
    inner join {{ ref('int_hubspot_threads') }} as threads
        on archived.account = threads.account and archived.thread_id = threads.thread_id
    where not threads.has_ticket and archived.archived_at <= {{ as_of() }}

),

known as (

    select
        found.conversation_key,
        found.account,
        found.ticket_id,
        coalesce(threads.way_in, found.source_type) as way_in,
        threads.contact_id,
        found.subject,
        coalesce(threads.is_spam, false) as is_spam,
        least(found.created_at, coalesce(threads.created_at, found.created_at)) as created_at,
        case when archived.archived_at <= {{ as_of() }} then archived.archived_at end as archived_at
    from {{ ref('stg_hubspot__tickets') }} as found
    left join threads on found.conversation_key = threads.conversation_key
    left join {{ ref('stg_hubspot__archived_tickets') }} as archived
        on found.account = archived.account and found.ticket_id = archived.ticket_id
    union all
    select
        threads.conversation_key,
        threads.account,
        threads.ticket_id,
        threads.way_in,
        threads.contact_id,
        cast(null as varchar) as subject,
        threads.is_spam,
        threads.created_at,
        archived_threads.archived_at
    from threads
    left join archived_threads on threads.conversation_key = archived_threads.conversation_key
    where not threads.has_ticket

),

tickets as (

    select
        known.conversation_key,
        known.account,
        known.ticket_id,
        known.way_in,
        known.contact_id as customer_id,
        known.created_at,
        known.subject,
        cast(null as varchar[]) as tags,
        known.is_spam,
        -- What was merged lies in the bin, too: that is no deletion.
        case when merged.parent_ticket_id is null then known.archived_at end as deleted_at,
        merged.parent_ticket_id as merged_into_ticket_id,
        merged.merged_at
    from known
    left join {{ ref('int_hubspot_merges') }} as merged
        on known.account = merged.account and known.ticket_id = merged.child_ticket_id
    where known.created_at <= {{ as_of() }}

),

{{ helpdesk_tickets('hubspot', 'tickets') }}

select * from final
