-- The API of this version shows no spam, no deletion and no merge: a tag may say so (exclusion_tags).
with

tickets as (

    select
        conversation_key,
        account,
        ticket_id,
        way_in,
        customer_id,
        created_at,
        subject,
        tags,
        false as is_spam,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as merged_into_ticket_id,
        cast(null as timestamp) as merged_at
    from {{ ref('int_intercom_versions') }}
    where created_at <= {{ as_of() }}
    qualify row_number() over (partition by conversation_key order by version_number desc) = 1

),

{{ helpdesk_tickets('intercom', 'tickets') }}

select * from final
