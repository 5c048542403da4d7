{# Readings, due instant and outcome of clocks (D1, D2, D6, D7, D15-D17), of a relation like int_clocks_started with a column more:
   is_left, that every message which might have started the clock was deleted in time (D16).
   only_some: they are a few of all clocks. #}
{% macro measured_clocks(clocks, only_some=false) -%}
    with

    paused as (

        select
            pauses.clock_key,
            cast(sum(pauses.to_epoch - pauses.from_epoch) as bigint) as calendar_seconds,
            cast(sum(pauses.to_position - pauses.from_position) as bigint) as business_seconds,
            bool_or(pauses.is_paused_at_end) as is_paused_at_end,
            -- Only the pauses before the target is used up push the due instant back.
            cast(sum(
                case
                    when pauses.ran_before_seconds < coalesce(retargets.target_seconds, pauses.target_seconds)
                        then pauses.pause_seconds
                    else 0
                end
            ) as bigint) as pushed_back_seconds
        from {{ ref('int_clock_pauses') }} as pauses
        left join {{ ref('int_clock_retargets') }} as retargets on pauses.clock_key = retargets.clock_key
        {% if only_some -%}
        where pauses.clock_key in (select few.clock_key from {{ clocks }} as few)
        {% endif -%}
        group by pauses.clock_key

    ),

    measured as (

        select
            clocks.* exclude (target_priority, target_seconds),
            coalesce(retargets.target_priority, clocks.target_priority) as priority_at_decision,
            coalesce(retargets.target_seconds, clocks.target_seconds) as target_seconds,
            coalesce(retargets.target_seconds_at_start, clocks.target_seconds) as target_seconds_at_start,
            retargets.retargeted_epoch,
            coalesce(paused.calendar_seconds, 0) as paused_seconds,
            coalesce(paused.is_paused_at_end, false) as is_paused_at_end,
            coalesce(paused.pushed_back_seconds, 0) as pushed_back_seconds,
            clocks.ended_epoch - clocks.started_epoch - coalesce(paused.calendar_seconds, 0) as elapsed_calendar_seconds,
            -- Without hours every second is open (D1).
            case
                when clocks.schedule_number is null then coalesce(paused.calendar_seconds, 0)
                else coalesce(paused.business_seconds, 0)
            end as paused_business_seconds,
            case
                when clocks.schedule_number is null
                    then clocks.ended_epoch - clocks.started_epoch - coalesce(paused.calendar_seconds, 0)
                else clocks.ended_position - clocks.started_position - coalesce(paused.business_seconds, 0)
            end as elapsed_business_seconds
        from {{ clocks }} as clocks
        left join paused on clocks.clock_key = paused.clock_key
        left join {{ ref('int_clock_retargets') }} as retargets on clocks.clock_key = retargets.clock_key

    ),

    on_basis as (

        select
            *,
            case when is_business then elapsed_business_seconds else elapsed_calendar_seconds end as elapsed_seconds,
            case when is_business then started_position else started_epoch end as started_on_basis,
            case when is_business then ended_position else ended_epoch end as ended_on_basis
        from measured

    ),

    -- A clock that has not used up its target is followed on from its end; one that is paused then has no due instant yet (D17).
    with_due as (

        select
            on_basis.*,
            case
                when on_basis.target_seconds is null or on_basis.target_seconds = 0 then null
                when on_basis.elapsed_seconds >= on_basis.target_seconds
                    then on_basis.started_on_basis + on_basis.target_seconds + on_basis.pushed_back_seconds
                when on_basis.stopped_epoch is null and on_basis.is_paused_at_end then null
                else on_basis.ended_on_basis + on_basis.target_seconds - on_basis.elapsed_seconds
            end as due_on_basis
        from on_basis

    ),

    judged as (

        select
            with_due.*,
            case
                when with_due.target_seconds = 0 then greatest(with_due.started_epoch, with_due.retargeted_epoch)
                when with_due.due_on_basis is not null
                    then greatest(
                        case
                            when with_due.is_business
                                then {{ instant_at('due', 'with_due.schedule_number', 'with_due.due_on_basis') }}
                            else with_due.due_on_basis
                        end,
                        with_due.retargeted_epoch
                    )
            end as due_epoch,
            case
                when with_due.is_left and coalesce({{ exclusion_rank('with_due.conversation_excluded_reason') }}, 99) > 4
                    then 'deleted'
                when with_due.conversation_excluded_reason is not null then with_due.conversation_excluded_reason
                when with_due.merged_epoch is not null and with_due.stopped_epoch is null then 'merged'
                when not with_due.has_agreement then 'no_agreement'
                when with_due.target_seconds is null then 'no_target'
                when
                    with_due.stop_reason = {{ code('stop_reason', 'closed_without_reply') }}
                    and with_due.elapsed_seconds <= with_due.target_seconds
                    then 'closed_without_reply'
            end as excluded_reason
        from with_due
        {{ join_schedule_to('due', 'case when with_due.is_business then with_due.schedule_number end', 'with_due.due_on_basis') }}

    ),

    decided as (

        select
            *,
            case
                when excluded_reason is not null then {{ code('outcome', 'excluded') }}
                when elapsed_seconds > target_seconds then {{ code('outcome', 'missed') }}
                when stopped_epoch is not null then {{ code('outcome', 'met') }}
                when is_paused_at_end then {{ code('outcome', 'paused') }}
                else {{ code('outcome', 'running') }}
            end as outcome
        from judged

    )

    select
        clock_key,
        conversation_key,
        terms_number,
        candidate_number,
        may_leave,
        until_epoch,
        schedule_number,
        has_agreement,
        cycle_number,
        started_epoch,
        started_by,
        source_message_id,
        stopped_epoch,
        ended_epoch,
        stop_reason,
        response_source_message_id,
        is_clock_skewed,
        priority_at_start,
        priority_at_decision,
        source_team_id,
        source_team_member_id,
        target_seconds,
        target_seconds_at_start,
        retargeted_epoch,
        elapsed_seconds,
        elapsed_business_seconds,
        elapsed_calendar_seconds,
        paused_seconds,
        paused_business_seconds,
        due_epoch,
        outcome,
        excluded_reason,
        case
            when outcome in ({{ code('outcome', 'met') }}, {{ code('outcome', 'missed') }}) then least(stopped_epoch, due_epoch)
        end as decided_epoch
    from decided
{%- endmacro %}
