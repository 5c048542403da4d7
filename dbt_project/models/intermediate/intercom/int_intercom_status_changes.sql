with

changes as (

    select
        *,
        new_value as source_status
    from {{ ref('int_intercom_changes') }}
    where field = 'status'

),

{{ helpdesk_status_changes('intercom', 'changes') }}

select * from final
