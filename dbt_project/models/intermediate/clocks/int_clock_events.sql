-- What can start or stop a clock, per way of counting: who may respond (R1, R2) and which of the customer's two times counts
-- (D10).
-- kind: I = eligible inbound message, R = response, C = closing (from an unsolved status to solved or closed, D15).
with

ways as (

    select distinct
        responder,
        start_basis
    from {{ ref('int_clock_goals') }}
    where metric in ('first_response', 'next_response')

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
        case ways.start_basis when 'published' then messages.published_at else messages.received_at end as event_at,
        messages.source_order,
        0 as tie_rank,
        0 as kind_rank,
        'I' as kind,
        messages.message_id,
        case ways.start_basis when 'published' then messages.published_at else messages.received_at end as turn_start_at,
        'inbound' as started_by,
        false as is_clock_skewed
    from messages
    cross join ways
    where
        messages.direction = 'inbound'
        and messages.author_role = 'customer'
        and messages.excluded_reason is null

),

-- A response that names the message it answers, and by the clock came before it, is put at that message's instant (D14).
responses as (

    select
        ways.responder,
        ways.start_basis,
        messages.conversation_id,
        greatest(messages.published_at, coalesce(answered.event_at, messages.published_at)) as event_at,
        case when answered.event_at > messages.published_at then answered.source_order else messages.source_order end
            as source_order,
        case when answered.event_at > messages.published_at then 1 else 0 end as tie_rank,
        1 as kind_rank,
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
        0 as tie_rank,
        2 as kind_rank,
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

-- After its merge a child conversation has no life of its own (D9).
final as (

    select unioned.*
    from unioned
    inner join conversations on unioned.conversation_id = conversations.conversation_id
    where conversations.merged_at is null or unioned.event_at <= conversations.merged_at

)

select * from final
