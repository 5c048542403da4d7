-- T1e, month by month: which parties of the version in force on the month's last day had given no valid approval by then.
with

agreements as (

    select * from {{ ref('stg_config__agreements') }}

),

-- The instant just before the month ends lies in its last day.
versions as (

    select
        agreements.agreement_id,
        agreements.agreement_key,
        agreements.version,
        agreements.raises_flags,
        periods.period,
        periods.ends_at,
        {{ last_day_of_month('periods.period') }} as last_date
    from agreements
    inner join {{ ref('stg_config__agreement_in_force') }} as in_force
        on agreements.agreement_key = in_force.agreement_key
    inner join {{ ref('stg_config__periods') }} as periods
        on
            agreements.timezone = periods.timezone
            and {{ add_seconds('periods.ends_at', '-1') }} >= in_force.from_at
            and (in_force.to_at is null or {{ add_seconds('periods.ends_at', '-1') }} < in_force.to_at)
    where periods.ends_at <= {{ as_of() }}

),

party_months as (

    select
        versions.agreement_id,
        versions.agreement_key,
        versions.version,
        versions.raises_flags,
        versions.period,
        versions.ends_at,
        parties.party_id,
        parties.name,
        count(approvals.approved_by) = 0 as is_missing
    from versions
    inner join {{ ref('stg_config__agreement_parties') }} as parties on versions.agreement_key = parties.agreement_key
    left join {{ ref('stg_config__agreement_approvals') }} as approvals
        on
            parties.agreement_key = approvals.agreement_key
            and parties.party_id = approvals.party_id
            and {{ approval_is_valid('approvals', 'versions.last_date') }}
    group by
        versions.agreement_id,
        versions.agreement_key,
        versions.version,
        versions.raises_flags,
        versions.period,
        versions.ends_at,
        parties.party_id,
        parties.name

),

months as (

    select
        agreement_id,
        agreement_key,
        version,
        raises_flags,
        period,
        ends_at,
        bool_or(is_missing) as is_missed,
        not bool_or(is_missing) as is_met,
        {{ missing_parties_json('is_missing') }} as missing_parties
    from party_months
    group by agreement_id, agreement_key, version, raises_flags, period, ends_at

)

select * from ({{ with_streaks('months', ['agreement_id']) }}) as streaks
