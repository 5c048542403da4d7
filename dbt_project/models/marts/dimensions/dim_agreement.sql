with

agreements as (

    select * from {{ ref('stg_config__agreements') }}

),

approvals as (

    select * from {{ ref('int_agreement_approvals') }}

),

missing as (

    select
        agreement_key,
        count(case when not is_approved then 1 end) as missing_count
    from approvals
    group by agreement_key

),

final as (

    select
        agreements.agreement_key,
        agreements.agreement_id,
        cast(agreements.version as integer) as version,
        agreements.title,
        agreements.kind,
        agreements.level,
        agreements.parent_agreement_id,
        agreements.provider,
        agreements.customer,
        agreements.timezone,
        agreements.valid_from_date,
        agreements.valid_to_date,
        coalesce(missing.missing_count, 0) = 0 as has_all_approvals,
        agreements.raises_flags,
        cast(agreements.flag_consecutive_periods as integer) as flag_consecutive_periods,
        agreements.flag_scope,
        cast(agreements.minimum_sample as integer) as minimum_sample,
        agreements.change_reason,
        agreements.file_name,
        agreements.file_sha256
    from agreements
    left join missing on agreements.agreement_key = missing.agreement_key

)

select * from final
