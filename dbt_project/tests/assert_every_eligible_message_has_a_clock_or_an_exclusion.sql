-- Nothing vanishes (D15 and the invariants): wherever an agreement promises a first response on a channel, every conversation
-- with an eligible inbound message has a clock of that promise, whatever its outcome; and where it promises a resolution, a wait
-- or work (M3, M4), every such conversation that keeps statuses. An incremental build looks at those that it has computed again.
with

eligible as (

    select distinct
        conversations.conversation_key,
        conversations.channel_id,
        conversations.has_status
    from {{ ref('int_messages') }} as messages
    inner join {{ ref('int_conversations') }} as conversations on messages.conversation_key = conversations.conversation_key
    where
        messages.is_eligible_inbound
        and (conversations.merged_at is null or messages.published_at <= conversations.merged_at)
        and {{ is_touched('messages.conversation_key') }}

),

-- Promises whose versions all have the channel and hold for every priority and date: the others may rightly leave a message out.
promises as (

    select
        goals.agreement_id,
        goals.goal_id,
        goals.channel_id,
        bool_or(goals.metric <> 'first_response') as needs_status
    from {{ ref('int_clock_goals') }} as goals
    where
        goals.has_agreement
        and goals.metric in (
            'first_response', 'first_resolution', 'full_resolution', 'resolution_cycle', 'requester_wait', 'agent_work'
        )
    group by goals.agreement_id, goals.goal_id, goals.channel_id
    having
        bool_and(goals.priorities is null)
        and bool_and(goals.goal_from_epoch <= goals.in_force_from_epoch)
        and bool_and(goals.goal_to_epoch >= goals.in_force_to_epoch)
        and count(distinct goals.agreement_key) = (
            select count(distinct versions.agreement_key)
            from {{ ref('stg_config__agreement_in_force') }} as versions
            where versions.agreement_id = goals.agreement_id
        )

),

clocks as (

    select distinct
        conversation_key,
        agreement_id,
        goal_id
    from {{ ref('fct_sla_clock') }}
    where {{ is_touched('conversation_key') }}

)

select
    eligible.conversation_key,
    promises.agreement_id,
    promises.goal_id
from eligible
inner join promises
    on
        eligible.channel_id = promises.channel_id
        and (eligible.has_status or not promises.needs_status)
left join clocks
    on
        eligible.conversation_key = clocks.conversation_key
        and promises.agreement_id = clocks.agreement_id
        and promises.goal_id = clocks.goal_id
where clocks.conversation_key is null
