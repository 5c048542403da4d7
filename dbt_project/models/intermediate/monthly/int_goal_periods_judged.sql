-- Met, missed or indeterminate (M6, T3). A signed month keeps the figures and the verdict that were signed (D11).
with

computed as (

    select
        counts.*,
        periods.agreement_key,
        periods.agreement_version,
        periods.goal_key,
        periods.metric,
        periods.basis,
        periods.goal_rate,
        periods.ends_at,
        periods.is_whole_period,
        agreements.minimum_sample,
        waivers.period is not null as is_waived
    from {{ ref('int_goal_period_counts') }} as counts
    inner join {{ ref('int_goal_periods') }} as periods
        on
            counts.agreement_id = periods.agreement_id
            and counts.goal_id = periods.goal_id
            and counts.period = periods.period
    inner join {{ ref('stg_config__agreements') }} as agreements on periods.agreement_key = agreements.agreement_key
    left join (
        select distinct
            agreement_id,
            goal_id,
            period
        from {{ ref('stg_config__waivers') }}
    ) as waivers
        on
            counts.agreement_id = waivers.agreement_id
            and counts.goal_id = coalesce(waivers.goal_id, counts.goal_id)
            and counts.period = waivers.period

),

with_reason as (

    select
        *,
        case
            when is_waived then 'waived'
            when not is_whole_period then 'not_whole'
            when decided_count = 0 then 'no_data'
            when decided_count < minimum_sample then 'low_sample'
        end as indeterminate_reason
    from computed

),

-- The comparison is between whole numbers and an exact decimal: nothing is rounded before it.
with_verdict as (

    select
        *,
        case
            when indeterminate_reason is null
                then cast(met_count as decimal(18, 0)) >= goal_rate * cast(decided_count as decimal(18, 0))
        end as is_goal_met
    from with_reason

),

signed as (

    select * from {{ ref('stg_review__signed_figures') }}

),

final as (

    select
        verdict.agreement_id,
        verdict.goal_id,
        verdict.period,
        verdict.agreement_key,
        verdict.agreement_version,
        verdict.goal_key,
        verdict.metric,
        verdict.basis,
        verdict.ends_at,
        verdict.is_whole_period,
        signed.signed_release_id is not null as is_signed,
        signed.signed_release_id,
        {% for column in signed_counts() + ['goal_rate'] -%}
            case when signed.signed_release_id is not null then signed.{{ column }} else verdict.{{ column }} end as {{ column }},
        {% endfor -%}
        -- What became of the clocks that started in the month goes on after it was signed: D7 places none of it in this month.
        verdict.cohort_met_count,
        verdict.cohort_missed_count,
        -- What the data say now, whatever was signed.
        verdict.met_count as computed_met_count,
        verdict.decided_count as computed_decided_count,
        verdict.is_goal_met as computed_is_goal_met,
        verdict.indeterminate_reason as computed_indeterminate_reason,
        case when signed.signed_release_id is not null then signed.p50_seconds else verdict.p50_seconds end as p50_seconds,
        case when signed.signed_release_id is not null then signed.p90_seconds else verdict.p90_seconds end as p90_seconds,
        case when signed.signed_release_id is not null then signed.is_goal_met else verdict.is_goal_met end as is_goal_met,
        case when signed.signed_release_id is not null then signed.indeterminate_reason else verdict.indeterminate_reason end
            as indeterminate_reason
    from with_verdict as verdict
    left join signed
        on
            verdict.agreement_id = signed.agreement_id
            and verdict.goal_id = signed.goal_id
            and verdict.period = signed.period

)

select * from final
