-- Every message that came in, when a person answered or opened it (M7, M8), and when it was deleted, whatever was closed since.
-- What a merge carried to its parent unanswered is answered there, by the first response after the merge (D9), also where that
-- one is merged away in its turn.
with recursive

conversations as (

    select
        conversation_key,
        conversation_id,
        source,
        merged_into_conversation_id,
        {{ epoch_seconds('merged_at') }} as merged_epoch,
        excluded_reason
    from {{ ref('fct_conversation') }}

),

inbound as (

    select
        messages.channel_id,
        messages.conversation_key,
        messages.source,
        messages.source_message_id,
        messages.intent,
        {{ epoch_seconds('messages.published_at') }} as written_epoch,
        {{ local_date('messages.published_at', 'channels.timezone') }} as local_date,
        {{ epoch_seconds('messages.deleted_at') }} as deleted_epoch,
        conversations.merged_epoch,
        messages.author_role = 'customer'
        and messages.excluded_reason is null
        and conversations.excluded_reason is null as is_eligible
    from {{ ref('fct_message') }} as messages
    inner join conversations on messages.conversation_key = conversations.conversation_key
    inner join {{ ref('stg_config__channels') }} as channels on messages.channel_id = channels.channel_id
    where messages.direction = 'inbound'

),

answers as (

    select
        conversation_key,
        source_message_id,
        answered_epoch
    from {{ ref('int_message_answers') }}
    where responder = 'human' and answered_epoch is not null

),

links as (

    select
        children.conversation_key,
        children.merged_epoch,
        parents.conversation_key as parent_key
    from conversations as children
    inner join conversations as parents on children.merged_into_conversation_id = parents.conversation_id

),

-- Where a conversation's messages went, link by link, and from when on; links are as many as the engine follows, and more.
lineage as (

    select
        conversation_key,
        parent_key as ancestor_key,
        merged_epoch as from_epoch,
        1 as link_number
    from links
    union all
    select
        lineage.conversation_key,
        links.parent_key as ancestor_key,
        greatest(lineage.from_epoch, links.merged_epoch) as from_epoch,
        lineage.link_number + 1 as link_number
    from lineage
    inner join links on lineage.ancestor_key = links.conversation_key
    where lineage.link_number < 8

),

responses as (

    select
        lineage.conversation_key,
        lineage.from_epoch,
        {{ epoch_seconds('messages.published_at') }} as responded_epoch
    from lineage
    inner join conversations as ancestors on lineage.ancestor_key = ancestors.conversation_key
    inner join {{ ref('fct_message') }} as messages on lineage.ancestor_key = messages.conversation_key
    where
        messages.direction = 'outbound'
        and messages.author_role = 'person'
        and messages.is_delivered
        and messages.kind <> 'survey'
        and {{ epoch_seconds('messages.published_at') }} > lineage.from_epoch
        and {{ epoch_seconds('messages.published_at') }} <= coalesce(ancestors.merged_epoch, {{ forever() }})

),

carried_answers as (

    select
        inbound.conversation_key,
        inbound.source_message_id,
        min(responses.responded_epoch) as answered_epoch
    from inbound
    inner join responses
        on
            inbound.conversation_key = responses.conversation_key
            and inbound.written_epoch < responses.responded_epoch
    group by inbound.conversation_key, inbound.source_message_id

),

views as (

    select
        inbound.conversation_key,
        inbound.source_message_id,
        min({{ epoch_seconds('views.viewed_at') }}) as viewed_epoch
    from inbound
    inner join {{ ref('int_views') }} as views
        on
            inbound.conversation_key = views.conversation_key
            and inbound.written_epoch <= {{ epoch_seconds('views.viewed_at') }}
    group by inbound.conversation_key, inbound.source_message_id

)

select
    inbound.channel_id,
    inbound.conversation_key,
    inbound.source_message_id,
    inbound.source,
    inbound.written_epoch,
    inbound.local_date,
    coalesce(inbound.intent, tagged.intent) as intent,
    intents.asks_for_help,
    inbound.is_eligible and coalesce(intents.needs_answer, true) as is_actionable,
    coalesce(answers.answered_epoch, carried_answers.answered_epoch) as answered_epoch,
    views.viewed_epoch,
    inbound.deleted_epoch,
    {{ has_views('inbound.source') }} as has_views
from inbound
left join answers
    on
        inbound.conversation_key = answers.conversation_key
        and inbound.source_message_id = answers.source_message_id
left join carried_answers
    on
        inbound.conversation_key = carried_answers.conversation_key
        and inbound.source_message_id = carried_answers.source_message_id
left join views
    on
        inbound.conversation_key = views.conversation_key
        and inbound.source_message_id = views.source_message_id
left join {{ ref('int_conversation_intents') }} as tagged on inbound.conversation_key = tagged.conversation_key
left join {{ ref('intents') }} as intents on coalesce(inbound.intent, tagged.intent) = intents.intent
