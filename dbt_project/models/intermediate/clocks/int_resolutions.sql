-- Solvings and reopenings after the first inbound message (M3): one row a cycle, and what the whole conversation needs.
-- Only a status reopens, not a message; closed without solved counts as solved; a merge is no resolution (D9).
with

conversations as (

    select * from {{ ref('int_conversations') }}
    where has_status

),

bases as (

    select distinct start_basis
    from {{ ref('int_clock_goals') }}
    where metric in ('first_resolution', 'full_resolution', 'resolution_cycle')

),

own_inbound as (

    select
        bases.start_basis,
        messages.conversation_id,
        messages.published_at as event_at,
        0 as phase,
        messages.source_order,
        messages.message_id,
        case bases.start_basis when 'published' then messages.published_at else messages.received_at end as started_at,
        'first_inbound' as started_by
    from {{ ref('int_messages') }} as messages
    inner join conversations on messages.conversation_id = conversations.conversation_id
    cross join bases
    where
        messages.direction = 'inbound'
        and messages.author_role = 'customer'
        and messages.excluded_reason is null
        and (conversations.merged_at is null or messages.published_at <= conversations.merged_at)

),

inbound as (

    select * from own_inbound
    union all
    select
        moved.start_basis,
        moved.conversation_id,
        moved.event_at,
        moved.phase,
        moved.source_order,
        moved.message_id,
        moved.turn_start_at as started_at,
        moved.started_by
    from {{ ref('int_clock_events_moved') }} as moved
    inner join bases on moved.start_basis = bases.start_basis
    where moved.responder = 'human'

),

starts as (

    select *
    from inbound
    qualify row_number() over (
        partition by start_basis, conversation_id
        order by event_at, phase, source_order nulls last, message_id
    ) = 1

),

changes as (

    select
        starts.start_basis,
        starts.conversation_id,
        changes.changed_at,
        changes.source_order,
        changes.status,
        case when changes.status in ('solved', 'closed') then 'S' else 'U' end as kind
    from {{ ref('int_status_changes') }} as changes
    inner join starts on changes.conversation_id = starts.conversation_id
    inner join conversations on changes.conversation_id = conversations.conversation_id
    where
        (conversations.merged_at is null or changes.changed_at < conversations.merged_at)
        and (changes.status in ('solved', 'closed')) <> (coalesce(changes.from_status, 'new') in ('solved', 'closed'))
        and (
            changes.changed_at > starts.event_at
            or (
                changes.changed_at = starts.event_at
                and coalesce(changes.source_order > starts.source_order, true)
            )
        )

),

numbered as (

    select
        *,
        row_number() over chronological as change_number,
        lead(changed_at) over chronological as next_changed_at,
        lead(status) over chronological as next_status,
        lag(kind) over chronological as previous_kind
    from changes
    window chronological as (partition by start_basis, conversation_id order by changed_at, source_order)

),

summary as (

    select
        start_basis,
        conversation_id,
        min(case when kind = 'S' then changed_at end) as first_solved_at,
        min_by(status, change_number) filter (where kind = 'S') as first_solved_status,
        max(case when kind = 'S' then changed_at end) as last_solved_at,
        max_by(status, change_number) filter (where kind = 'S') as last_solved_status,
        max_by(kind, change_number) as last_kind,
        count(case when kind = 'U' and previous_kind = 'S' then 1 end) as reopen_count
    from numbered
    group by start_basis, conversation_id

),

first_and_full as (

    select
        starts.start_basis,
        starts.conversation_id,
        metrics.metric,
        1 as cycle_number,
        starts.started_at,
        starts.message_id,
        starts.started_by,
        case
            when metrics.metric = 'first_resolution' then summary.first_solved_at
            when summary.last_kind = 'S' then summary.last_solved_at
        end as stopped_at,
        case
            when metrics.metric = 'first_resolution' then summary.first_solved_status
            when summary.last_kind = 'S' then summary.last_solved_status
        end as stop_reason
    from starts
    cross join (select unnest(['first_resolution', 'full_resolution']) as metric) as metrics
    left join summary on starts.start_basis = summary.start_basis and starts.conversation_id = summary.conversation_id

),

cycles as (

    select
        starts.start_basis,
        starts.conversation_id,
        'resolution_cycle' as metric,
        1 as cycle_number,
        starts.started_at,
        starts.message_id,
        starts.started_by,
        summary.first_solved_at as stopped_at,
        summary.first_solved_status as stop_reason
    from starts
    left join summary on starts.start_basis = summary.start_basis and starts.conversation_id = summary.conversation_id

    union all

    select
        numbered.start_basis,
        numbered.conversation_id,
        'resolution_cycle' as metric,
        1 + row_number() over (
            partition by numbered.start_basis, numbered.conversation_id
            order by numbered.change_number
        ) as cycle_number,
        numbered.changed_at as started_at,
        cast(null as varchar) as message_id,
        'reopened' as started_by,
        numbered.next_changed_at as stopped_at,
        numbered.next_status as stop_reason
    from numbered
    inner join starts on numbered.start_basis = starts.start_basis and numbered.conversation_id = starts.conversation_id
    where numbered.kind = 'U' and numbered.previous_kind = 'S'

),

unioned as (

    select * from first_and_full
    union all
    select * from cycles

),

-- Solved before the company's system had the message: the stop is put at the start, and marked (D14).
final as (

    select
        start_basis,
        conversation_id,
        metric,
        cycle_number,
        started_at,
        message_id,
        started_by,
        case when stopped_at is not null then greatest(stopped_at, started_at) end as stopped_at,
        stop_reason,
        coalesce(stopped_at < started_at, false) as is_clock_skewed
    from unioned

)

select * from final
