with

changes as (

    select
        *,
        new_value as source_status
    from {{ ref('int_freshdesk_changes') }}
    where field = 'status'

),

{{ helpdesk_status_changes('freshdesk', 'changes') }}

select * from final
