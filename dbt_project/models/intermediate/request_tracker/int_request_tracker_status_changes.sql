with

changes as (

    select
        conversation_key,
        account,
        ticket_id,
        occurred_at,
        source_order,
        new_value as source_status
    from {{ ref('int_request_tracker_settings') }}
    where field = 'status' and new_value <> 'deleted'

),

{{ helpdesk_status_changes('request_tracker', 'changes') }}

select * from final
