with

conversations as (

    select * from {{ ref('int_conversations') }}

),

inbound as (

    select
        conversation_id,
        published_at as first_inbound_at,
        source_order as first_inbound_order
    from {{ ref('int_messages') }}
    where direction = 'inbound' and author_role = 'customer' and excluded_reason is null
    qualify row_number() over (
        partition by conversation_id
        order by published_at, source_order nulls last, message_id
    ) = 1

),

responses as (

    select
        inbound.conversation_id,
        min(case when messages.author_role = 'person' then messages.published_at end) as first_human_response_at,
        min(messages.published_at) as first_any_response_at
    from inbound
    inner join {{ ref('int_messages') }} as messages
        on
            inbound.conversation_id = messages.conversation_id
            and messages.direction = 'outbound'
            and messages.is_delivered
            and messages.kind <> 'survey'
            and messages.author_role in ('person', 'bot', 'auto_reply')
            and (
                inbound.first_inbound_at < messages.published_at
                or (
                    inbound.first_inbound_at = messages.published_at
                    and coalesce(inbound.first_inbound_order < messages.source_order, true)
                )
            )
    group by inbound.conversation_id

),

counts as (

    select
        conversation_id,
        count(case when direction = 'inbound' then 1 end) as inbound_count,
        count(case when direction = 'outbound' then 1 end) as outbound_count,
        count(case when direction = 'internal' then 1 end) as internal_count
    from {{ ref('int_messages') }}
    group by conversation_id

),

statuses as (

    select
        conversation_id,
        max_by(status, (changed_at, coalesce(source_order, 0))) as status,
        min(case when status in ('solved', 'closed') then changed_at end) as first_resolved_at,
        max(case
            when status in ('solved', 'closed') and coalesce(from_status, 'new') not in ('solved', 'closed') then changed_at
        end) as last_resolved_at,
        count(case when status not in ('solved', 'closed') and from_status in ('solved', 'closed') then 1 end) as reopen_count
    from {{ ref('int_status_changes') }}
    group by conversation_id

),

priorities as (

    select
        conversation_id,
        max_by(priority, (changed_at, coalesce(source_order, 0))) as priority
    from {{ ref('int_priority_changes') }}
    group by conversation_id

),

teams as (

    select
        conversation_id,
        max_by(team_id, (changed_at, coalesce(source_order, 0))) as team_id
    from {{ ref('int_assignments') }}
    group by conversation_id

),

final as (

    select
        conversations.conversation_id,
        conversations.source,
        conversations.account,
        conversations.source_conversation_id,
        conversations.channel_id,
        conversations.customer_key,
        statuses.status,
        priorities.priority,
        teams.team_id,
        conversations.created_at as opened_at,
        inbound.first_inbound_at,
        responses.first_human_response_at,
        responses.first_any_response_at,
        statuses.first_resolved_at,
        statuses.last_resolved_at,
        cast(coalesce(statuses.reopen_count, 0) as integer) as reopen_count,
        cast(null as timestamp) as first_viewed_at,
        cast(coalesce(counts.inbound_count, 0) as integer) as inbound_count,
        cast(coalesce(counts.outbound_count, 0) as integer) as outbound_count,
        cast(coalesce(counts.internal_count, 0) as integer) as internal_count,
        conversations.merged_into_conversation_id,
        conversations.merged_at,
        conversations.deleted_at,
        conversations.excluded_reason,
        conversations.excluded_evidence
    from conversations
    left join inbound on conversations.conversation_id = inbound.conversation_id
    left join responses on conversations.conversation_id = responses.conversation_id
    left join counts on conversations.conversation_id = counts.conversation_id
    left join statuses on conversations.conversation_id = statuses.conversation_id
    left join priorities on conversations.conversation_id = priorities.conversation_id
    left join teams on conversations.conversation_id = teams.conversation_id

)

select * from final
