-- Not only the newest version is kept: a person's role is the one held when they wrote (R4). Versions that change nothing here
-- are left out: whoever logs in has a new one every day.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_records',
    meta={'stream': 'zendesk__users', 'record_column': 'user_id', 'has_conversation_key': false}
) }}
with

landed as (

    {{ landed('zendesk__users', ['account', 'record_id', 'record_updated_at']) }}

),

parsed as (

    select
        account,
        record_id as user_id,
        {{ json_text('payload', 'role') }} as role,
        coalesce(cast({{ json_text('payload', 'suspended') }} as boolean), false) as is_suspended,
        {{ json_text('payload', 'name') }} as display_name,
        {{ json_text('payload', 'default_group_id') }} as default_group_id,
        {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
        record_updated_at,
        extracted_at
    from landed

),

compared as (

    select
        *,
        row_number() over versions = 1
        or (role is distinct from lag(role) over versions)
        or (is_suspended is distinct from lag(is_suspended) over versions)
        or (display_name is distinct from lag(display_name) over versions)
        or (default_group_id is distinct from lag(default_group_id) over versions)
        or (created_at is distinct from lag(created_at) over versions) as is_another
    from parsed
    window versions as (partition by account, user_id order by record_updated_at, extracted_at)

)

select
    account,
    user_id,
    {{ pseudonym("'zendesk:' || account || ':' || user_id") }} as person_key,
    role,
    is_suspended,
    display_name,
    default_group_id,
    created_at,
    row_number() over versions as version_number,
    -- The oldest version stands for what was before it.
    case
        when row_number() over versions = 1 then cast('1970-01-01' as timestamp)
        else date_trunc('second', record_updated_at)
    end as from_at,
    coalesce(
        date_trunc('second', lead(record_updated_at) over versions), cast('9999-01-01' as timestamp)
    ) as until_at,
    lead(record_updated_at) over versions is null as is_newest
from compared
where is_another
window versions as (partition by account, user_id order by record_updated_at, extracted_at)
