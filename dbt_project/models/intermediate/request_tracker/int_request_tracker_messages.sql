-- Creating, corresponding and commenting write a message each; of the mails that RT sends, its own answers to new tickets are
-- messages (R2), the others repeat one to its readers. Any requestor speaks for the customer.
with

transactions as (

    select * from {{ ref('stg_request_tracker__transactions') }}
    where transaction_type in ('Create', 'Correspond', 'Comment', 'EmailRecord')

),

texts as (

    select
        account,
        transaction_id,
        bool_or(is_automatic) as is_automatic,
        min_by(text_start, attachment_number) filter (where text_start is not null) as text_start
    from {{ ref('stg_request_tracker__attachments') }}
    group by account, transaction_id

),

assignments as (

    select * from {{ ref('int_request_tracker_assignments') }}

),

events as (

    select
        transactions.*,
        coalesce(texts.is_automatic, false) as is_automatic,
        texts.text_start,
        people.customer_id,
        case
            when staff.is_system then 'system'
            when people.person_id is not null then 'outside'
            when staff.user_id is not null then 'company'
            else 'outside'
        end as writer
    from transactions
    left join texts
        on transactions.account = texts.account and transactions.transaction_id = texts.transaction_id
    left join {{ ref('int_request_tracker_requestors') }} as people
        on transactions.conversation_key = people.conversation_key and transactions.creator_id = people.person_id
    left join {{ ref('stg_request_tracker__staff') }} as staff
        on
            transactions.account = staff.account
            and transactions.creator_id = staff.user_id
            and staff.is_staff
            and transactions.occurred_at >= staff.from_at
            and transactions.occurred_at < staff.until_at
    where transactions.transaction_type <> 'EmailRecord' or texts.is_automatic

),

messages as (

    select
        events.conversation_key,
        events.account,
        events.transaction_id as message_id,
        coalesce(events.customer_id, events.creator_id) as author_id,
        case when events.transaction_type = 'EmailRecord' then 'company' else events.writer end as side,
        case when events.is_automatic then 'auto_reply' end as automatic,
        events.transaction_type <> 'Comment' as is_public,
        true as is_delivered,
        case when events.transaction_type = 'Comment' then 'note' else 'email' end as kind,
        events.occurred_at,
        -- RT's own order, whatever the second.
        events.transaction_number as milliseconds,
        0 as number,
        events.text_start,
        events.transaction_type = 'Create' as is_opening,
        assignments.source_team_id,
        case when events.transaction_type <> 'EmailRecord' then events.creator_id end as source_team_member_id,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as in_reply_to_source_message_id
    from events
    {{ asof_left_join(
        'assignments', 'assignments',
        [['events.conversation_key', 'conversation_key']],
        place_in_time('events.transaction_number + 1', 0, 0), 'source_order', strict=true
    ) }}

),

{{ helpdesk_messages('request_tracker', 'messages') }}

select * from final
