with

changes as (

    select
        *,
        new_value as source_status
    from {{ ref('int_files_changes') }}
    where field = 'status'

),

{{ helpdesk_status_changes('files', 'changes') }}

select * from final
