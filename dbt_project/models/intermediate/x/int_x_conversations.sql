with

messages as (

    select * from {{ ref('int_x_messages') }}

),

final as (

    select
        conversation_id,
        'x' as source,
        min(account) as account,
        min(channel_id) as channel_id,
        min(source_conversation_id) as source_conversation_id,
        min(customer_key) as customer_key,
        min(published_at) as created_at,
        false as has_status,
        cast(null as varchar) as merged_into_conversation_id,
        cast(null as timestamp) as merged_at,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as excluded_reason,
        cast(null as varchar) as excluded_evidence
    from messages
    group by conversation_id

)

select * from final
