-- Which message starts a clock of which one was deleted (D16): the first that was not deleted in time or whose clock was past due
-- when it was. is_left: all of them left; the row of the first one stands for it, and is excluded.
with

clocks as (

    select
        *,
        false as is_left
    from {{ ref('int_clocks_started') }}
    where candidate_number > 0

),

measured as (

    select
        measured.*,
        goals.agreement_id,
        goals.goal_id,
        goals.shape_number
    from ({{ measured_clocks('clocks', only_some=true) }}) as measured
    inner join {{ ref('int_clock_goals') }} as goals on measured.terms_number = goals.terms_number

),

-- Every candidate of a run, whether or not the goal was in force at its start.
candidates as (

    select distinct
        conversation_key,
        shape_number,
        cycle_number,
        candidate_number,
        may_leave
    from {{ ref('int_clock_runs') }}
    where candidate_number > 0

),

lines as (

    select distinct
        conversation_key,
        shape_number,
        cycle_number,
        agreement_id,
        goal_id
    from measured

),

past_due as (

    select
        agreement_id,
        goal_id,
        conversation_key,
        cycle_number,
        candidate_number
    from measured
    where until_epoch is not null and elapsed_seconds > target_seconds and has_agreement

),

chosen as (

    select
        lines.agreement_id,
        lines.goal_id,
        lines.conversation_key,
        lines.cycle_number,
        min(
            case when not candidates.may_leave or past_due.candidate_number is not null then candidates.candidate_number end
        ) as candidate_number
    from lines
    inner join candidates
        on
            lines.conversation_key = candidates.conversation_key
            and lines.shape_number = candidates.shape_number
            and lines.cycle_number = candidates.cycle_number
    left join past_due
        on
            lines.agreement_id = past_due.agreement_id
            and lines.goal_id = past_due.goal_id
            and lines.conversation_key = past_due.conversation_key
            and lines.cycle_number = past_due.cycle_number
            and candidates.candidate_number = past_due.candidate_number
    group by lines.agreement_id, lines.goal_id, lines.conversation_key, lines.cycle_number

)

select
    measured.clock_key,
    chosen.candidate_number is null as is_left
from measured
inner join chosen
    on
        measured.agreement_id = chosen.agreement_id
        and measured.goal_id = chosen.goal_id
        and measured.conversation_key = chosen.conversation_key
        and measured.cycle_number = chosen.cycle_number
        and measured.candidate_number = coalesce(chosen.candidate_number, 1)
where measured.until_epoch is null
