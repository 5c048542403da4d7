with

changes as (

    select * from {{ ref('int_freshdesk_changes') }}
    where field in ('team', 'member')

),

{{ helpdesk_assignments('freshdesk', 'changes') }}

select * from final
