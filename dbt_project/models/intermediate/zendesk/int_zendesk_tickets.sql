-- A ticket as it was at as_of, with its channel, its customer and why it is out of every goal, if it is (D8, D16).
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}
    where created_at <= {{ as_of() }}

),

channels as (

    select * from {{ ref('stg_config__channels') }}
    where source = 'zendesk'

),

newest_users as (

    select * from {{ ref('stg_zendesk__users') }}
    where is_newest

),

tagged as (

    select
        tickets.account,
        tickets.ticket_id,
        rules.excluded_reason,
        rules.tag
    from tickets
    inner join {{ ref('exclusion_tags') }} as rules
        on rules.source = 'zendesk' and {{ array_holds('tickets.tags', 'rules.tag') }}

),

reasons as (

    select
        account,
        ticket_id,
        excluded_reason,
        'tag ' || tag as evidence
    from tagged
    union all
    select
        tickets.account,
        tickets.ticket_id,
        'spam' as excluded_reason,
        'requester is suspended' as evidence
    from tickets
    inner join newest_users on tickets.account = newest_users.account and tickets.requester_id = newest_users.user_id
    where newest_users.is_suspended
    union all
    select
        account,
        ticket_id,
        'deleted' as excluded_reason,
        'deleted at the source' as evidence
    from tickets
    where source_status = 'deleted' and updated_at <= {{ as_of() }}

),

first_reason as (

    select
        account,
        ticket_id,
        excluded_reason,
        evidence
    from reasons
    qualify row_number() over (
        partition by account, ticket_id
        order by {{ exclusion_rank('excluded_reason') }}, evidence
    ) = 1

),

ticket_merges as (

    select
        account,
        ticket_id,
        max_by(merge_ticket_id, source_order) as parent_ticket_id,
        max(occurred_at) as merged_at,
        max(source_order) as merged_order
    from {{ ref('int_zendesk_child_events') }}
    where is_by_merge and {{ json_text('child', 'status') }} = 'closed' and merge_ticket_id is not null
    group by account, ticket_id

),

final as (

    select
        tickets.account,
        tickets.ticket_id,
        'zendesk:' || tickets.account || ':' || tickets.ticket_id as conversation_id,
        channels.channel_id,
        tickets.via_channel,
        tickets.requester_id,
        {{ pseudonym("'zendesk:' || tickets.account || ':' || tickets.requester_id") }} as customer_key,
        tickets.created_at,
        tickets.subject,
        case
            when ticket_merges.parent_ticket_id is not null
                then 'zendesk:' || tickets.account || ':' || ticket_merges.parent_ticket_id
        end as merged_into_conversation_id,
        ticket_merges.merged_at,
        ticket_merges.merged_order,
        case when tickets.source_status = 'deleted' and tickets.updated_at <= {{ as_of() }} then tickets.updated_at end
            as deleted_at,
        first_reason.excluded_reason,
        first_reason.evidence as excluded_evidence
    from tickets
    left join channels
        on
            tickets.account = channels.account
            and (
                {{ json_texts('channels.match_rule', 'via') }} is null
                or {{ array_holds(json_texts('channels.match_rule', 'via'), 'tickets.via_channel') }}
            )
    left join ticket_merges
        on tickets.account = ticket_merges.account and tickets.ticket_id = ticket_merges.ticket_id
    left join first_reason on tickets.account = first_reason.account and tickets.ticket_id = first_reason.ticket_id

)

select * from final
