-- The conversations that an incremental build computes again; empty in a full one, which computes all.
-- Touched is: what the loads have changed; what the passing of time changes (clocks without a stop, records that as_of had not
-- reached); and what a merge ties to one of these, or tied in the last build.
{%- if is_incremental_build() %}
-- Staging notes what loads have changed, and so comes first:
-- depends_on: {{ ref('stg_zendesk__users') }}
-- depends_on: {{ ref('stg_zendesk__ticket_metrics') }}
-- depends_on: {{ ref('stg_zendesk__ticket_metric_events') }}
with recursive

-- Noted by the staging of users.
people as (

    select
        account,
        user_id
    from {{ source('operations', 'touched_people') }}

),

changed as (

    select conversation_key from {{ source('operations', 'touched_conversations') }}
    union
    -- A person's role or suspension (R4, D8).
    select comments.conversation_key
    from {{ ref('stg_zendesk__ticket_comments') }} as comments
    where (comments.account, comments.author_id) in (select people.account, people.user_id from people)
    union
    select tickets.conversation_key
    from {{ ref('stg_zendesk__tickets') }} as tickets
    where (tickets.account, tickets.requester_id) in (select people.account, people.user_id from people)
    union
    -- Sources that are assembled anew in every build: conversations whose messages are others now.
    select coalesce(now.conversation_key, before.conversation_key) as conversation_key
    from {{ ref('int_conversation_digests') }} as now
    full join {{ source('operations', 'conversation_digests') }} as before
        on now.conversation_key = before.conversation_key
    where now.digest is distinct from before.digest
    union
    -- Elapsed times and outcomes go on.
    select clocks.conversation_key
    from {{ source('operations', 'built_clocks') }} as clocks
    where clocks.stopped_at is null
    union
    -- So does the time since the last update (M5); a ticket that no status was set for is open, too.
    select conversations.conversation_key
    from {{ source('operations', 'built_conversations') }} as conversations
    where
        conversations.source in ({{ "'" ~ sources_with('status_changes') | join("', '") ~ "'" }})
        and coalesce(conversations.status, 'new') not in ('solved', 'closed')
    union
    select comments.conversation_key
    from {{ ref('stg_zendesk__ticket_comments') }} as comments
    where comments.occurred_at > {{ previous_as_of() }} and comments.occurred_at <= {{ as_of() }}
    union
    select changes.conversation_key
    from {{ ref('stg_zendesk__ticket_field_changes') }} as changes
    where changes.occurred_at > {{ previous_as_of() }} and changes.occurred_at <= {{ as_of() }}
    union
    select events.conversation_key
    from {{ ref('stg_zendesk__ticket_metric_events') }} as events
    where events.occurred_at > {{ previous_as_of() }} and events.occurred_at <= {{ as_of() }}
    union
    select tickets.conversation_key
    from {{ ref('stg_zendesk__tickets') }} as tickets
    where
        (tickets.created_at > {{ previous_as_of() }} and tickets.created_at <= {{ as_of() }})
        or (tickets.updated_at > {{ previous_as_of() }} and tickets.updated_at <= {{ as_of() }})

),

merged as (

    select
        conversation_key,
        parent_conversation_key
    from {{ ref('int_zendesk_merges') }}
    union
    {% for name, traits in canonical_sources().items() if not traits['by_record'] -%}
    select
        conversation_key,
        merged_into_conversation_key as parent_conversation_key
    from {{ ref('int_' ~ name ~ '_conversations') }}
    where merged_into_conversation_key is not null
    union
    {% endfor -%}
    -- A merge that is no longer there: what it had moved leaves the parent again.
    select
        conversation_key,
        {{ text_key('merged_into_conversation_id') }} as parent_conversation_key
    from {{ source('operations', 'built_conversations') }}
    where merged_into_conversation_id is not null

),

merges as (

    select
        conversation_key,
        parent_conversation_key as other_key
    from merged
    union
    select
        parent_conversation_key as conversation_key,
        conversation_key as other_key
    from merged

),

closure as (

    select conversation_key from changed
    union
    select merges.other_key as conversation_key
    from closure
    inner join merges on closure.conversation_key = merges.conversation_key

)

select conversation_key
from closure
where conversation_key is not null
{%- else %}
    select cast(null as bigint) as conversation_key
    where false
{%- endif %}
