-- What can start or stop a clock, per way of counting: who may respond (R1, R2) and which of the customer's two times counts
-- (D10).
-- In one second (D14): phase 0 = messages, 1 = closings, 2 = merges; anchor = the message that a put-back response stands behind.
-- kind: I = eligible inbound message, R = response, C = closing (from an unsolved status to solved or closed, D15).
{%- set is_put_back -%}
    (
        answered.event_at > messages.published_at
        or (answered.event_at = messages.published_at and answered.source_order > messages.source_order)
    )
{%- endset %}
with

ways as (

    select
        responder,
        start_basis
    from {{ ref('int_clock_goals') }}
    where metric in ('first_response', 'next_response')
    union
    -- What a merge moves to a conversation starts its resolution clocks too, where it has no message of its own.
    select
        'human' as responder,
        start_basis
    from {{ ref('int_clock_goals') }}
    where metric in ('first_resolution', 'full_resolution', 'resolution_cycle')

),

messages as (

    select * from {{ ref('int_messages') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}

),

inbound as (

    select
        ways.responder,
        ways.start_basis,
        messages.conversation_id,
        messages.published_at as event_at,
        messages.source_order,
        0 as phase,
        messages.message_id as anchor_message_id,
        messages.published_at as written_at,
        'I' as kind,
        messages.message_id,
        case ways.start_basis when 'published' then messages.published_at else messages.received_at end as turn_start_at,
        'inbound' as started_by,
        false as is_clock_skewed
    from messages
    inner join conversations on messages.conversation_id = conversations.conversation_id
    cross join ways
    where
        messages.direction = 'inbound'
        and messages.author_role = 'customer'
        and messages.excluded_reason is null
        and (conversations.merged_at is null or messages.published_at <= conversations.merged_at)

),

-- A response that names the message it answers, and by the clock came before it, is put at that message's instant (D14).
responses as (

    select
        ways.responder,
        ways.start_basis,
        messages.conversation_id,
        greatest(messages.published_at, coalesce(answered.event_at, messages.published_at)) as event_at,
        case when {{ is_put_back }} then answered.source_order else messages.source_order end as source_order,
        0 as phase,
        case when {{ is_put_back }} then answered.message_id end as anchor_message_id,
        messages.published_at as written_at,
        'R' as kind,
        messages.message_id,
        cast(null as timestamp) as turn_start_at,
        cast(null as varchar) as started_by,
        coalesce(answered.event_at > messages.published_at, false) as is_clock_skewed
    from messages
    cross join ways
    left join inbound as answered
        on
            messages.in_reply_to_message_id = answered.message_id
            and ways.responder = answered.responder
            and ways.start_basis = answered.start_basis
            and messages.conversation_id = answered.conversation_id
    where
        messages.direction = 'outbound'
        and messages.is_delivered
        and messages.kind <> 'survey'
        and (
            messages.author_role = 'person'
            or (ways.responder = 'any' and messages.author_role in ('bot', 'auto_reply'))
        )

),

closings as (

    select
        ways.responder,
        ways.start_basis,
        changes.conversation_id,
        changes.changed_at as event_at,
        changes.source_order,
        1 as phase,
        cast(null as varchar) as anchor_message_id,
        changes.changed_at as written_at,
        'C' as kind,
        cast(null as varchar) as message_id,
        cast(null as timestamp) as turn_start_at,
        cast(null as varchar) as started_by,
        false as is_clock_skewed
    from {{ ref('int_status_changes') }} as changes
    cross join ways
    where
        changes.status in ('solved', 'closed')
        and coalesce(changes.from_status, 'new') not in ('solved', 'closed')

),

unioned as (

    select * from inbound
    union all
    select * from responses
    union all
    select * from closings

),

-- From its merge on a child conversation has no life of its own, and what the merge does to its status is no closing (D9).
final as (

    select unioned.*
    from unioned
    inner join conversations on unioned.conversation_id = conversations.conversation_id
    where
        conversations.merged_at is null
        or unioned.event_at < conversations.merged_at
        or (unioned.event_at = conversations.merged_at and unioned.kind <> 'C')

)

select * from final
