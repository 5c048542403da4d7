with

changes as (

    select * from {{ ref('int_intercom_changes') }}
    where field in ('team', 'member')

),

{{ helpdesk_assignments('intercom', 'changes') }}

select * from final
