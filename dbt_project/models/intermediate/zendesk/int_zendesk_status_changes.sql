-- A merge is no resolution (D9): what its audit, and anything after it, did to the child's status does not count.
with

changes as (

    {{ zendesk_field_changes('status') }}

),

final as (

    select
        changes.conversation_id,
        'zendesk' as source,
        changes.changed_at,
        changes.source_order,
        changes.new_value as source_status,
        mapping.status
    from changes
    left join {{ ref('status_mapping') }} as mapping
        on mapping.source = 'zendesk' and changes.new_value = mapping.source_status
    where
        changes.new_value <> 'deleted'
        and (changes.merged_order is null or changes.source_order < changes.merged_order)

)

select * from final
