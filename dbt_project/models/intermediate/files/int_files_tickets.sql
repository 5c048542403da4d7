-- A conversation that no row tells of begins with its first message, and its first customer is the customer. An account whose
-- files tell any status keeps a status history.
with

conversations as (

    select * from {{ ref('stg_files__conversations') }}

),

messages as (

    select * from {{ ref('stg_files__messages') }}
    where created_at <= {{ as_of() }}

),

first_customers as (

    select
        conversation_key,
        author_id
    from messages
    where author_type = 'customer' and author_id is not null
    qualify row_number() over (
        partition by conversation_key
        order by milliseconds, {{ files_order('message_id') }}
    ) = 1

),

begun as (

    select
        messages.conversation_key,
        messages.account,
        messages.conversation_id as ticket_id,
        min(messages.created_at) as created_at
    from messages
    left join conversations on messages.conversation_key = conversations.conversation_key
    where conversations.conversation_key is null
    group by messages.conversation_key, messages.account, messages.conversation_id

),

accounts_with_status as (

    select distinct account
    from {{ ref('stg_files__status_changes') }}
    where not is_deleted and changed_at <= {{ as_of() }}

),

found as (

    select
        conversation_key,
        account,
        conversation_id as ticket_id,
        channel as way_in,
        customer_id,
        created_at,
        subject,
        tags,
        is_spam,
        case when deleted_at <= {{ as_of() }} then deleted_at end as deleted_at,
        case when merged_at <= {{ as_of() }} then merged_into_conversation_id end as merged_into_ticket_id,
        case when merged_at <= {{ as_of() }} then merged_at end as merged_at
    from conversations
    where created_at <= {{ as_of() }}
    union all
    select
        begun.conversation_key,
        begun.account,
        begun.ticket_id,
        cast(null as varchar) as way_in,
        first_customers.author_id as customer_id,
        begun.created_at,
        cast(null as varchar) as subject,
        {{ no_texts() }} as tags,
        false as is_spam,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as merged_into_ticket_id,
        cast(null as timestamp) as merged_at
    from begun
    left join first_customers on begun.conversation_key = first_customers.conversation_key

),

tickets as (

    select
        found.*,
        accounts_with_status.account is not null as keeps_status
    from found
    left join accounts_with_status on found.account = accounts_with_status.account

),

{{ helpdesk_tickets('files', 'tickets', match_key='channel', has_status='tickets.keeps_status') }}

select * from final
