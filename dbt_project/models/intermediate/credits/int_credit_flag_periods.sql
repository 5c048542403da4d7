-- Months in which credits reach the share of the fee that the agreement names, and whether enough of the last ones do (T1d).
-- A month in which no goal with bands can be judged is left out of the window: it neither helps nor harms (T3).
with

credits as (

    select * from {{ ref('fct_service_credit') }}

),

agreements as (

    select * from {{ ref('stg_config__agreements') }}

),

months as (

    select
        credits.agreement_id,
        credits.period,
        max(credits.agreement_key) as agreement_key,
        max(credits.ends_at) as ends_at,
        max(credits.fee_amount) as fee_amount,
        max(credits.currency) as currency,
        sum(case when credits.status <> 'rejected' then credits.credit_amount else 0 end) as credit_amount,
        bool_and(credits.why = 'indeterminate') as is_indeterminate
    from credits
    group by credits.agreement_id, credits.period

),

judged as (

    select
        months.*,
        agreements.raises_flags,
        agreements.flag_credit_fee_rate,
        agreements.flag_credit_periods,
        agreements.flag_credit_of_periods,
        coalesce(
            months.fee_amount > 0
            and months.credit_amount >= cast(months.fee_amount as decimal(38, 3)) * agreements.flag_credit_fee_rate,
            false
        ) as is_over_share,
        row_number() over (partition by months.agreement_id order by months.period) as judged_number
    from months
    inner join agreements on months.agreement_key = agreements.agreement_key
    where not months.is_indeterminate

),

in_window as (

    select
        judged.agreement_id,
        judged.period,
        min(over_share.period) as window_first_period,
        count(over_share.period) as over_share_count,
        {{ credit_periods_json('over_share') }} as periods_json
    from judged
    inner join judged as over_share
        on
            judged.agreement_id = over_share.agreement_id
            and over_share.is_over_share
            and judged.judged_number - judged.flag_credit_of_periods < over_share.judged_number
            and judged.judged_number >= over_share.judged_number
    group by judged.agreement_id, judged.period

),

marked as (

    select
        judged.*,
        in_window.window_first_period,
        coalesce(in_window.over_share_count, 0) as over_share_count,
        in_window.periods_json,
        judged.is_over_share and in_window.over_share_count >= judged.flag_credit_periods as is_missed,
        coalesce(coalesce(in_window.over_share_count, 0) < judged.flag_credit_periods, true) as is_met
    from judged
    left join in_window on judged.agreement_id = in_window.agreement_id and judged.period = in_window.period

)

select * from ({{ with_streaks('marked', ['agreement_id']) }}) as streaks
