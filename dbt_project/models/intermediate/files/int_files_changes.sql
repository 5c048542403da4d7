-- What the files tell of one moment of a conversation stands in the order of `sequence`; without it assignments come before
-- priorities, and these before statuses.
with

told as (

    select
        conversation_key,
        changed_at,
        milliseconds,
        sequence,
        change_id,
        0 as kind_rank,
        'assignment' as field,
        cast(null as varchar) as new_value,
        team_id,
        person_id
    from {{ ref('stg_files__assignments') }}
    where not is_deleted
    union all
    select
        conversation_key,
        changed_at,
        milliseconds,
        sequence,
        change_id,
        1 as kind_rank,
        'priority' as field,
        priority as new_value,
        cast(null as varchar) as team_id,
        cast(null as varchar) as person_id
    from {{ ref('stg_files__priority_changes') }}
    where not is_deleted
    union all
    select
        conversation_key,
        changed_at,
        milliseconds,
        sequence,
        change_id,
        2 as kind_rank,
        'status' as field,
        source_status as new_value,
        cast(null as varchar) as team_id,
        cast(null as varchar) as person_id
    from {{ ref('stg_files__status_changes') }}
    where not is_deleted

),

numbered as (

    select
        told.*,
        tickets.account,
        tickets.source_conversation_id as ticket_id,
        row_number() over (
            partition by told.conversation_key, told.milliseconds
            order by coalesce(told.sequence, 9007199254740992), told.kind_rank, {{ files_order('told.change_id') }}
        ) as number
    from told
    inner join {{ ref('int_files_tickets') }} as tickets on told.conversation_key = tickets.conversation_key
    where told.changed_at <= {{ as_of() }}

)

select
    conversation_key,
    account,
    ticket_id,
    changed_at as occurred_at,
    {{ place_in_time('milliseconds', rank_in_moment('change'), 'number') }} as source_order,
    field,
    new_value,
    team_id,
    person_id
from numbered
