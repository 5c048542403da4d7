with

tickets as (

    select
        versions.conversation_key,
        versions.account,
        versions.ticket_id,
        versions.way_in,
        versions.requester_id as customer_id,
        versions.created_at,
        versions.subject,
        versions.tags,
        versions.is_spam,
        case when versions.is_deleted then versions.updated_at end as deleted_at,
        merged.parent_ticket_id as merged_into_ticket_id,
        merged.merged_at
    from {{ ref('stg_freshdesk__tickets') }} as versions
    left join {{ ref('int_freshdesk_merges') }} as merged on versions.conversation_key = merged.conversation_key
    where versions.created_at <= {{ as_of() }} and versions.updated_at <= {{ as_of() }}
    qualify row_number() over (partition by versions.conversation_key order by versions.version_number desc) = 1

),

{{ helpdesk_tickets('freshdesk', 'tickets') }}

select * from final
