with

changes as (

    select * from {{ ref('int_chatwoot_changes') }}
    where field in ('team', 'member')

),

{{ helpdesk_assignments('chatwoot', 'changes') }}

select * from final
