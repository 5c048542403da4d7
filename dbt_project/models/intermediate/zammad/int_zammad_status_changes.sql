with

changes as (

    select
        *,
        new_value as source_status
    from {{ ref('int_zammad_changes') }}
    where field = 'status'

),

{{ helpdesk_status_changes('zammad', 'changes') }}

select * from final
