with

changes as (

    select * from {{ ref('int_hubspot_changes') }}
    where field in ('team', 'member')

),

{{ helpdesk_assignments('hubspot', 'changes') }}

select * from final
