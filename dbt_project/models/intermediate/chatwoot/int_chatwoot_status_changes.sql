with

changes as (

    select
        *,
        new_value as source_status
    from {{ ref('int_chatwoot_changes') }}
    where field = 'status'

),

{{ helpdesk_status_changes('chatwoot', 'changes') }}

select * from final
