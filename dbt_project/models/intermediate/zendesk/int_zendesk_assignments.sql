with

changes as (

    select
        *,
        'group' as field
    from ({{ zendesk_field_changes('group_id') }}) as groups
    union all
    select
        *,
        'assignee' as field
    from ({{ zendesk_field_changes('assignee_id') }}) as assignees

),

-- The group and the assignee after each change: each field keeps its last value until it changes itself.
filled as (

    select
        conversation_id,
        account,
        changed_at,
        source_order,
        max(case when field = 'group' then source_order end) over running as group_order,
        max(case when field = 'assignee' then source_order end) over running as assignee_order
    from changes
    window running as (partition by conversation_id order by source_order rows between unbounded preceding and current row)

),

final as (

    select
        filled.conversation_id,
        'zendesk' as source,
        filled.changed_at,
        filled.source_order,
        'zendesk:' || filled.account || ':' || team.new_value as team_id,
        'zendesk:' || filled.account || ':' || member.new_value as team_member_id
    from filled
    left join changes as team
        on filled.conversation_id = team.conversation_id and filled.group_order = team.source_order and team.field = 'group'
    left join changes as member
        on
            filled.conversation_id = member.conversation_id
            and filled.assignee_order = member.source_order
            and member.field = 'assignee'

)

select * from final
