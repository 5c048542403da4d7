with

-- A tag stands if it was added last and not taken away.
standing_tags as (

    select
        account,
        ticket_id,
        {{ values_of('value_to') }} as tags
    from (
        select *
        from {{ ref('stg_zammad__ticket_history') }}
        where object = 'Ticket' and attribute = 'tag' and created_at <= {{ as_of() }}
        qualify row_number() over (
            partition by account, ticket_id, coalesce(value_to, value_from)
            order by created_ms desc, cast(history_id as bigint) desc
        ) = 1
    ) as newest
    where type = 'added'
    group by account, ticket_id

),

tickets as (

    select
        found.conversation_key,
        found.account,
        found.ticket_id,
        found.way_in,
        found.customer_id,
        found.created_at,
        found.subject,
        standing_tags.tags,
        false as is_spam,
        case when states.state_type = 'removed' and found.updated_at <= {{ as_of() }} then found.updated_at end as deleted_at,
        merged.parent_ticket_id as merged_into_ticket_id,
        merged.merged_at
    from {{ ref('stg_zammad__tickets') }} as found
    left join standing_tags
        on found.account = standing_tags.account and found.ticket_id = standing_tags.ticket_id
    left join {{ ref('stg_zammad__ticket_states') }} as states
        on found.account = states.account and found.state_id = states.state_id
    left join {{ ref('int_zammad_merges') }} as merged on found.conversation_key = merged.conversation_key
    where found.created_at <= {{ as_of() }}

),

{{ helpdesk_tickets('zammad', 'tickets') }}

select * from final
