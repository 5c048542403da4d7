-- C3, step by step: a missed clock does not count under a goal whose incident has been credited under another one, in an earlier
-- month or higher in precedence. The incident stays with the goal under which it was credited first. A signed month credited what
-- was signed (D11).
with recursive

steps as (

    select * from {{ ref('int_credit_periods') }}

),

incidents as (

    select * from {{ ref('int_credit_incidents') }}

),

walked as (

    select distinct
        agreement_id,
        cast(0 as bigint) as step_number,
        cast(0 as bigint) as credited_elsewhere_count,
        {{ no_numbers() }} as credited_steps
    from steps

    union all

    select
        agreement_id,
        step_number,
        credited_elsewhere_count,
        case
            when has_signed_credit and not is_signed_credited then credited_steps
            when
                has_signed_credit
                or (
                    is_creditable
                    and computed_decided_count > credited_elsewhere_count
                    and cast(computed_met_count as decimal(18, 0))
                    < highest_rate * cast(computed_decided_count - credited_elsewhere_count as decimal(18, 0))
                )
                then {{ array_with('credited_steps', 'step_number') }}
            else credited_steps
        end as credited_steps
    from (
        select
            steps.*,
            walked.credited_steps,
            cast(
                coalesce((
                    select sum(incidents.missed_count)
                    from incidents
                    where
                        incidents.agreement_id = steps.agreement_id
                        and incidents.step_number = steps.step_number
                        and {{ smallest_common('incidents.earlier_steps', 'walked.credited_steps') }} is not null
                        and not {{ array_holds(
                            'incidents.own_earlier_steps', smallest_common('incidents.earlier_steps', 'walked.credited_steps')
                        ) }}
                ), 0) as bigint
            ) as credited_elsewhere_count
        from walked
        inner join steps on walked.agreement_id = steps.agreement_id and walked.step_number + 1 = steps.step_number
    ) as stepped

)

select
    agreement_id,
    step_number,
    credited_elsewhere_count
from walked
where step_number > 0
