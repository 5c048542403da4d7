-- What was signed never changes (D11): a later figure for a signed month stands here beside it.
with

signed as (

    select * from {{ ref('stg_review__signed_figures') }}

),

computed as (

    select * from {{ ref('int_goal_period_counts') }}

)

select
    signed.agreement_id,
    signed.goal_id,
    signed.period,
    signed.met_count / nullif(cast(signed.decided_count as double), 0) as signed_rate,
    computed.met_count / nullif(cast(computed.decided_count as double), 0) as restated_rate,
    signed.decided_count as signed_decided_count,
    signed.met_count as signed_met_count,
    coalesce(computed.decided_count, 0) as restated_decided_count,
    coalesce(computed.met_count, 0) as restated_met_count,
    concat(
        'decided ', signed.decided_count, ' -> ', coalesce(computed.decided_count, 0),
        ', met ', signed.met_count, ' -> ', coalesce(computed.met_count, 0), ': data that came after the signing'
    ) as reason,
    {{ as_of() }} as restated_at,
    signed.signed_release_id
from signed
left join computed
    on
        signed.agreement_id = computed.agreement_id
        and signed.goal_id = computed.goal_id
        and signed.period = computed.period
where
    signed.decided_count <> coalesce(computed.decided_count, -1)
    or signed.met_count <> coalesce(computed.met_count, -1)
