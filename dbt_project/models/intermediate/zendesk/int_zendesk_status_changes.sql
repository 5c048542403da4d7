-- A merge is no resolution (D9): what its audit, and anything after it, did to the child's status does not count.
with

changes as (

    select * from {{ ref('stg_zendesk__ticket_field_changes') }}
    where
        field = 'status'
        and new_value <> 'deleted'
        and occurred_at <= {{ as_of() }}

),

final as (

    select
        changes.conversation_key,
        'zendesk' as source,
        changes.account,
        changes.ticket_id as source_conversation_id,
        changes.occurred_at as changed_at,
        changes.source_order,
        changes.new_value as source_status,
        mapping.status
    from changes
    left join {{ ref('status_mapping') }} as mapping
        on mapping.source = 'zendesk' and changes.new_value = mapping.source_status
    left join {{ ref('int_zendesk_merges') }} as merged on changes.conversation_key = merged.conversation_key
    where merged.merged_order is null or changes.source_order < merged.merged_order

)

select * from final
