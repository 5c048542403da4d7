-- Every landed version is kept: they are all that shows priorities. vendor_*: Intercom's own figures, for comparison.
with

landed as (

    select * from {{ source('landing', 'intercom__conversations') }}
    {{ newest_version(['account', 'record_id', 'record_updated_at']) }}

)

select
    account,
    record_id as conversation_number,
    row_number() over (partition by account, record_id order by record_updated_at) as version_number,
    {{ json_text('payload', 'source.type') }} as way_in,
    {{ json_text('payload', 'source.subject') }} as subject,
    left(
        lower(trim(regexp_replace(left(coalesce({{ json_text('payload', 'source.body') }}, ''), 4000), '<[^>]*>', ' ', 'g'))), 200
    ) as text_start,
    {{ json_text('payload', 'source.delivered_as') }} as delivered_as,
    {{ json_text('payload', 'source.author.type') }} as author_type,
    {{ json_text('payload', 'source.author.id') }} as author_id,
    {{ json_text('payload', 'contacts.contacts[0].id') }} as contact_id,
    {{ json_text('payload', 'state') }} as source_status,
    {{ json_text('payload', 'priority') }} as priority,
    {{ json_text('payload', 'admin_assignee_id') }} as admin_id,
    {{ json_text('payload', 'team_assignee_id') }} as team_id,
    {{ json_texts_of('payload', 'tags.tags', 'name') }} as tags,
    {{ utc_from_epoch(json_text('payload', 'created_at')) }} as created_at,
    {{ utc_from_epoch(json_text('payload', 'updated_at')) }} as updated_at,
    {{ json_text('payload', 'sla_applied.sla_name') }} as vendor_sla_name,
    {{ json_text('payload', 'sla_applied.sla_status') }} as vendor_sla_status,
    {{ utc_from_epoch(json_text('payload', 'statistics.first_admin_reply_at')) }} as vendor_first_response_at,
    cast({{ json_text('payload', 'statistics.time_to_admin_reply') }} as bigint) as vendor_first_response_office_seconds,
    {{ utc_from_epoch(json_text('payload', 'statistics.first_close_at')) }} as vendor_first_closed_at,
    {{ utc_from_epoch(json_text('payload', 'statistics.last_close_at')) }} as vendor_last_closed_at,
    cast({{ json_text('payload', 'statistics.count_reopens') }} as integer) as vendor_reopen_count
from landed
