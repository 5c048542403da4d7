-- What happened in a conversation at an instant, as far as it can account for where the vendor's clock starts or stops.
{{ config(database='working') }}
with

comments as (

    select
        *,
        source_order = min(source_order) over (partition by conversation_key) as is_opening
    from {{ ref('int_zendesk_comments') }}
    where {{ is_touched('conversation_key') }}

),

happened as (

    select
        conversation_key,
        {{ epoch_seconds('published_at') }} as at_epoch,
        direction = 'outbound' and author_role = 'person' as is_answer,
        direction = 'outbound' and author_role <> 'person' as is_automatic_answer,
        direction = 'inbound' and excluded_reason is not null as is_left_out,
        direction = 'inbound' and excluded_reason is null and not is_public as is_customers_note,
        direction = 'outbound' and is_opening as is_opened_by_company,
        false as is_closing
    from comments
    union all
    select
        conversation_key,
        from_epoch as at_epoch,
        false as is_answer,
        false as is_automatic_answer,
        false as is_left_out,
        false as is_customers_note,
        false as is_opened_by_company,
        true as is_closing
    from {{ ref('int_vendor_statuses') }}
    where status in ('solved', 'closed') and coalesce(previous_status, 'new') not in ('solved', 'closed')

)

select
    conversation_key,
    at_epoch,
    bool_or(is_answer) as is_answer,
    bool_or(is_automatic_answer) as is_automatic_answer,
    bool_or(is_left_out) as is_left_out,
    bool_or(is_customers_note) as is_customers_note,
    bool_or(is_opened_by_company) as is_opened_by_company,
    bool_or(is_closing) as is_closing
from happened
group by conversation_key, at_epoch
