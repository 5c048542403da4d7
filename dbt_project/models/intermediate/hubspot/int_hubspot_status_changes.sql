with

changes as (

    select
        *,
        new_value as source_status
    from {{ ref('int_hubspot_changes') }}
    where field = 'status'

),

{{ helpdesk_status_changes('hubspot', 'changes') }}

select * from final
