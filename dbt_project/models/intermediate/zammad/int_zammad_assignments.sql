with

changes as (

    select * from {{ ref('int_zammad_changes') }}
    where field in ('team', 'member')

),

{{ helpdesk_assignments('zammad', 'changes') }}

select * from final
