{{ config(materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail') }}
with

conversations as (

    select * from {{ ref('int_conversations') }}
    where {{ is_touched('conversation_key') }}

),

messages as (

    select * from {{ ref('int_messages') }}
    where {{ is_touched('conversation_key') }}

),

inbound as (

    select
        conversation_key,
        published_at as first_inbound_at,
        source_order as first_inbound_order
    from messages
    where is_eligible_inbound
    qualify row_number() over (
        partition by conversation_key
        order by published_at, source_order nulls last, source_message_id
    ) = 1

),

responses as (

    select
        inbound.conversation_key,
        min(case when messages.is_human_response then messages.published_at end) as first_human_response_at,
        min(messages.published_at) as first_any_response_at
    from inbound
    inner join messages
        on
            inbound.conversation_key = messages.conversation_key
            and messages.is_any_response
            and (
                inbound.first_inbound_at < messages.published_at
                or (
                    inbound.first_inbound_at = messages.published_at
                    and coalesce(inbound.first_inbound_order < messages.source_order, true)
                )
            )
    group by inbound.conversation_key

),

counts as (

    select
        conversation_key,
        min(published_at) as first_message_at,
        max(published_at) as last_message_at,
        count(case when direction = 'inbound' then 1 end) as inbound_count,
        count(case when direction = 'outbound' then 1 end) as outbound_count,
        count(case when direction = 'internal' then 1 end) as internal_count
    from messages
    group by conversation_key

),

statuses as (

    select
        conversation_key,
        max(case when until_at is null then status end) as status,
        min(case when status in ('solved', 'closed') then changed_at end) as first_resolved_at,
        max(case
            when status in ('solved', 'closed') and coalesce(from_status, 'new') not in ('solved', 'closed') then changed_at
        end) as last_resolved_at,
        count(case when status not in ('solved', 'closed') and from_status in ('solved', 'closed') then 1 end) as reopen_count
    from {{ ref('int_status_changes') }}
    where {{ is_touched('conversation_key') }}
    group by conversation_key

),

priorities as (

    select
        conversation_key,
        priority
    from {{ ref('int_priority_changes') }}
    where until_at is null and {{ is_touched('conversation_key') }}

),

assignments as (

    select
        conversation_key,
        source_team_id
    from {{ ref('int_assignments') }}
    where until_at is null and {{ is_touched('conversation_key') }}

),

final as (

    select
        conversations.conversation_key,
        conversations.conversation_id,
        conversations.source,
        conversations.account,
        conversations.source_conversation_id,
        conversations.channel_id,
        conversations.customer_key,
        statuses.status,
        priorities.priority,
        conversations.source || ':' || conversations.account || ':' || assignments.source_team_id as team_id,
        conversations.created_at as opened_at,
        inbound.first_inbound_at,
        responses.first_human_response_at,
        responses.first_any_response_at,
        statuses.first_resolved_at,
        statuses.last_resolved_at,
        cast(coalesce(statuses.reopen_count, 0) as integer) as reopen_count,
        cast(gaps.longest_update_gap_seconds as bigint) as longest_update_gap_seconds,
        cast(null as timestamp) as first_viewed_at,
        counts.first_message_at,
        counts.last_message_at,
        cast(coalesce(counts.inbound_count, 0) as integer) as inbound_count,
        cast(coalesce(counts.outbound_count, 0) as integer) as outbound_count,
        cast(coalesce(counts.internal_count, 0) as integer) as internal_count,
        conversations.merged_into_conversation_id,
        conversations.merged_at,
        conversations.deleted_at,
        conversations.excluded_reason,
        conversations.excluded_evidence
    from conversations
    left join inbound on conversations.conversation_key = inbound.conversation_key
    left join responses on conversations.conversation_key = responses.conversation_key
    left join counts on conversations.conversation_key = counts.conversation_key
    left join statuses on conversations.conversation_key = statuses.conversation_key
    left join priorities on conversations.conversation_key = priorities.conversation_key
    left join assignments on conversations.conversation_key = assignments.conversation_key
    left join {{ ref('int_longest_update_gaps') }} as gaps on conversations.conversation_key = gaps.conversation_key

)

select * from final
