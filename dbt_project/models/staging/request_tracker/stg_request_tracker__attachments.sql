-- is_automatic: the mail says itself that no person sent it (RFC 3834, Auto-Submitted). text_start is what rules for automated
-- messages compare, in lower case.
with

landed as (

    select * from {{ source('landing', 'request_tracker__attachments') }}
    {{ newest_version(['account', 'record_id']) }}

),

parsed as (

    select
        account,
        record_id as attachment_id,
        {{ json_text('payload', 'TransactionId') }} as transaction_id,
        {{ json_text('payload', 'ContentType') }} as content_type,
        {{ request_tracker_text('Filename') }} as file_name,
        {{ request_tracker_text('Content') }} as content,
        chr(10) || lower(coalesce({{ json_text('payload', 'Headers') }}, '')) as headers
    from landed

)

select
    account,
    attachment_id,
    cast(attachment_id as bigint) as attachment_number,
    transaction_id,
    content_type,
    headers like '%' || chr(10) || 'auto-submitted: auto-%' as is_automatic,
    case
        when content_type = 'text/plain' and file_name is null then left(lower(trim(content)), 200)
        when content_type = 'text/html' and file_name is null
            then left(lower(trim(regexp_replace(content, '<[^>]*>', '', 'g'))), 200)
    end as text_start
from parsed
