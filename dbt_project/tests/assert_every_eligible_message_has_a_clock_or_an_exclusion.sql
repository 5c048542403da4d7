-- Nothing vanishes (D15 and the invariants): wherever an agreement promises a first response on a channel, every conversation
-- with an eligible inbound message has a clock of that promise, whatever its outcome.
with

eligible as (

    select distinct
        messages.conversation_id,
        messages.channel_id
    from {{ ref('int_messages') }} as messages
    inner join {{ ref('int_conversations') }} as conversations on messages.conversation_id = conversations.conversation_id
    where
        messages.direction = 'inbound'
        and messages.author_role = 'customer'
        and messages.excluded_reason is null
        and (conversations.merged_at is null or messages.published_at <= conversations.merged_at)

),

-- Promises whose versions all have the channel and hold for every priority and date: the others may rightly leave a message out.
promises as (

    select
        goals.agreement_id,
        goals.goal_id,
        goals.channel_id
    from {{ ref('int_clock_goals') }} as goals
    where goals.metric = 'first_response'
    group by goals.agreement_id, goals.goal_id, goals.channel_id
    having
        bool_and(goals.priorities is null)
        and bool_and(goals.goal_from_at <= goals.in_force_from_at)
        and bool_and(goals.goal_to_at >= goals.in_force_to_at)
        and count(distinct goals.agreement_key) = (
            select count(distinct versions.agreement_key)
            from {{ ref('stg_config__agreement_in_force') }} as versions
            where versions.agreement_id = goals.agreement_id
        )

)

select
    eligible.conversation_id,
    promises.agreement_id,
    promises.goal_id
from eligible
inner join promises on eligible.channel_id = promises.channel_id
left join {{ ref('fct_sla_clock') }} as clocks
    on
        eligible.conversation_id = clocks.conversation_id
        and promises.agreement_id = clocks.agreement_id
        and promises.goal_id = clocks.goal_id
where clocks.clock_id is null
