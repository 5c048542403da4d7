-- What was signed never changes (D11): a later figure for a signed month stands here beside it.
with

signed as (

    select * from {{ ref('stg_review__signed_figures') }}

),

computed as (

    select * from {{ ref('int_goal_period_counts') }}

),

signed_credits as (

    select * from {{ ref('stg_review__signed_credits') }}

),

computed_credits as (

    select * from {{ ref('int_service_credits') }}

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
        ', met ', signed.met_count, ' -> ', coalesce(computed.met_count, 0),
        case
            when signed_credits.credit_amount <> coalesce(computed_credits.credit_amount, 0)
                then concat(
                    ', credit ', signed_credits.credit_amount, ' -> ', coalesce(computed_credits.credit_amount, 0), ' ',
                    signed_credits.currency
                )
            else ''
        end,
        case
            when signed.decided_count = coalesce(computed.decided_count, 0) and signed.met_count = coalesce(computed.met_count, 0)
                then ': terms or other months that changed after the signing'
            else ': data that came after the signing'
        end
    ) as reason,
    signed_credits.credit_amount as signed_credit_amount,
    case
        when signed_credits.credit_amount is not null
            then cast(coalesce(computed_credits.credit_amount, 0) as decimal(18, 3))
    end as restated_credit_amount,
    signed_credits.currency,
    {{ as_of() }} as restated_at,
    signed.signed_release_id
from signed
left join computed
    on
        signed.agreement_id = computed.agreement_id
        and signed.goal_id = computed.goal_id
        and signed.period = computed.period
left join signed_credits
    on
        signed.agreement_id = signed_credits.agreement_id
        and signed.goal_id = signed_credits.goal_id
        and signed.period = signed_credits.period
left join computed_credits
    on
        signed.agreement_id = computed_credits.agreement_id
        and signed.goal_id = computed_credits.goal_id
        and signed.period = computed_credits.period
where
    signed.decided_count <> coalesce(computed.decided_count, -1)
    or signed.met_count <> coalesce(computed.met_count, -1)
    or signed_credits.credit_amount <> coalesce(computed_credits.credit_amount, 0)
