-- The group and the assignee after each change: each field keeps its last value until it changes itself.
select
    conversation_key,
    'zendesk' as source,
    occurred_at as changed_at,
    source_order,
    nullif(last_value(case when field = 'group_id' then coalesce(new_value, '') end ignore nulls) over so_far, '')
        as source_team_id,
    nullif(last_value(case when field = 'assignee_id' then coalesce(new_value, '') end ignore nulls) over so_far, '')
        as source_team_member_id
from {{ ref('stg_zendesk__ticket_field_changes') }}
where
    field in ('group_id', 'assignee_id')
    and occurred_at <= {{ as_of() }}
    and {{ is_touched('conversation_key') }}
window so_far as (
    partition by conversation_key
    order by occurred_at, source_order
    rows between unbounded preceding and current row
)
