-- An incident is a conversation (C3). Those that were missed in a goal's month and before it, in order of step_number, under
-- another goal; with the earlier steps, and which of them were of this goal.
with

steps as (

    select * from {{ ref('int_credit_periods') }}

),

missed as (

    select
        clocks.agreement_id,
        clocks.goal_id,
        clocks.conversation_key,
        steps.step_number,
        count(*) as missed_count
    from {{ ref('fct_sla_clock') }} as clocks
    inner join steps
        on
            clocks.agreement_id = steps.agreement_id
            and clocks.goal_id = steps.goal_id
            and clocks.decided_period = steps.period
    where clocks.outcome = 'missed' and clocks.agreement_version is not null
    group by clocks.agreement_id, clocks.goal_id, clocks.conversation_key, steps.step_number

),

final as (

    select
        missed.agreement_id,
        missed.step_number,
        missed.conversation_key,
        max(missed.missed_count) as missed_count,
        {{ values_of('earlier.step_number') }} as earlier_steps,
        {{ values_of('case when earlier.goal_id = missed.goal_id then earlier.step_number end') }} as own_earlier_steps
    from missed
    inner join missed as earlier
        on
            missed.agreement_id = earlier.agreement_id
            and missed.conversation_key = earlier.conversation_key
            and missed.step_number > earlier.step_number
    group by missed.agreement_id, missed.step_number, missed.conversation_key
    having count(case when earlier.goal_id <> missed.goal_id then 1 end) > 0

)

select * from final
