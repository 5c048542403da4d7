-- Each party's approval of each version as it stands on the day of as_of: given by then, not revoked, not expired (T1e).
with

parties as (

    select * from {{ ref('stg_config__agreement_parties') }}

),

approvals as (

    select * from {{ ref('stg_config__agreement_approvals') }}

),

final as (

    select
        parties.agreement_key,
        parties.party_id,
        parties.name,
        parties.role,
        max_by(approvals.approved_by, approvals.approved_date) as approved_by,
        max(approvals.approved_date) as approved_date,
        count(approvals.approved_by) > 0 as is_approved
    from parties
    left join approvals
        on
            parties.agreement_key = approvals.agreement_key
            and parties.party_id = approvals.party_id
            and {{ approval_is_valid('approvals', 'cast(' ~ as_of() ~ ' as date)') }}
    group by parties.agreement_key, parties.party_id, parties.name, parties.role

)

select * from final
