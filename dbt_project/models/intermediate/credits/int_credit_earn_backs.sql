-- Whether the months after a missed one earn its credit back (C2): the next ones that can be judged, as many as the agreement
-- says, all exceed the goal, not only meet it. An indeterminate month neither helps nor harms (T3). Signed months are as
-- signed (D11).
with

months as (

    select
        agreement_id,
        goal_id,
        period,
        ends_at,
        is_missed,
        cast(met_count as decimal(18, 0)) > goal_rate * cast(decided_count as decimal(18, 0)) as is_exceeded,
        row_number() over (partition by agreement_id, goal_id order by period) as judged_number
    from {{ ref('int_goal_streaks') }}
    where is_missed or is_met

),

terms as (

    select * from {{ ref('int_credit_periods') }}

),

final as (

    select
        missed.agreement_id,
        missed.goal_id,
        missed.period,
        case
            when count(case when not later.is_exceeded then 1 end) > 0 then 'lost'
            when count(later.period) = max(terms.earn_back_periods) then 'earned_back'
            else 'open'
        end as earn_back_state,
        case
            when count(case when later.is_exceeded then 1 end) = max(terms.earn_back_periods) then max(later.period)
        end as earned_back_period
    from months as missed
    inner join terms
        on
            missed.agreement_id = terms.agreement_id
            and missed.goal_id = terms.goal_id
            and missed.period = terms.period
            and terms.earn_back_periods is not null
    left join months as later
        on
            missed.agreement_id = later.agreement_id
            and missed.goal_id = later.goal_id
            and later.judged_number between missed.judged_number + 1 and missed.judged_number + terms.earn_back_periods
    where missed.is_missed
    group by missed.agreement_id, missed.goal_id, missed.period

)

select * from final
