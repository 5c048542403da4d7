with

changes as (

    select
        conversation_key,
        occurred_at,
        source_order,
        case field when 'queue' then 'team' else 'member' end as field,
        new_value
    from {{ ref('int_request_tracker_settings') }}
    where field in ('queue', 'owner')

),

{{ helpdesk_assignments('request_tracker', 'changes') }}

select * from final
