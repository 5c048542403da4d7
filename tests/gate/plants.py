"""Faults to plant into a good warehouse, one or more for every named rule: rule → SQL that breaks it."""

# ruff: noqa: E501 - SQL reads better in long lines than in torn ones.

from __future__ import annotations

ONE_CLOCK = "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'met' and goal_id = 'first')"
MISSED_CLOCK = (
    "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'missed' and goal_id = 'first')"
)
RUNNING_CLOCK = "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'running')"
PAUSED_CLOCK = "clock_id = (select min(clock_id) from marts.fct_sla_clock where paused_seconds > 0)"
CALENDAR_CLOCK = "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'met' and goal_id = 'next')"
OFFICE_CLOCK = "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'met' and goal_id = 'own')"
GAP_CLOCK = "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'met' and goal_id = 'gap' and cycle_number = 2)"
WORK_CLOCK = "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'met' and goal_id = 'work')"
ONE_MONTH = "goal_id = 'first' and period = date '2026-05-01'"


def clock(change: str, which: str = ONE_CLOCK) -> str:
    return f"update marts.fct_sla_clock set {change} where {which}"


def month(change: str) -> str:
    return f"update marts.agreement_goal_monthly set {change} where {ONE_MONTH}"


def compared(change: str) -> str:
    return (
        f"update marts.vendor_reconciliation set {change} "
        "where clock_id = (select min(clock_id) from marts.vendor_reconciliation where explained_by = 'rounding_to_minutes')"
    )


ONE_CREDIT = "goal_id = 'next' and period = date '2026-05-01'"


def credit(change: str, which: str = ONE_CREDIT) -> str:
    return f"update marts.fct_service_credit set {change} where {which}"


CREDIT_PLANTS: dict[str, list[str]] = {
    "fct_service_credit.of_the_month": [
        f"delete from marts.fct_service_credit where {ONE_CREDIT}",
        credit("met_count = met_count + 1"),
        credit("credit_amount = 1", "goal_id = 'first' and period = date '2026-05-01'"),
    ],
    "fct_service_credit.in_its_band": [
        credit("credit_rate = 0.1"),
        credit("credit_rate = null"),
        credit("credit_rate = 0.05", "goal_id = 'first' and period = date '2026-05-01'"),
        "update config.credit_bands set below_rate = 0.6 where goal_id = 'next' and credit_rate = 0.05",
    ],
    "fct_service_credit.result_is_of_what_is_left": [
        credit("result_rate = result_rate + 0.00001"),
        credit("result_rate = null"),
        credit("credited_elsewhere_count = 1"),
    ],
    "fct_service_credit.steps_multiply": [
        credit("base_credit_amount = 50.001"),
        credit("multiplied_credit_amount = 75.001"),
        credit("why = 'above_bands'"),
        credit("credit_rate = null, base_credit_amount = null, multiplied_credit_amount = null"),
    ],
    "fct_service_credit.multiplied_where_repeated": [credit("multiplier = 1"), credit("consecutive_missed_count = 2")],
    "fct_service_credit.within_caps": [
        credit("goal_credit_amount = 61"),
        credit("credit_amount = 61"),
        credit("cap_applied = 'none'"),
        credit("cap_applied = 'both'"),
        credit("period_cap_amount = 59"),
    ],
    "fct_service_credit.incidents_are_credited_once": [
        credit("credited_elsewhere_count = 1"),
        credit("credit_rate = 0.05", "goal_id = 'first' and period = date '2026-05-01'"),
    ],
    "fct_service_credit.whole_units_of_one_currency": [
        credit("credit_amount = 60.001"),
        credit("earned_back_amount = 0.001"),
        credit("currency = 'USD'"),
    ],
    "fct_service_credit.earned_back_of_what_is_owed": [
        credit("net_credit_amount = 59"),
        credit("earned_back_amount = 10, net_credit_amount = 50"),
        credit("earned_back_period = date '2026-07-01'"),
        credit(
            "earn_back_state = 'earned_back', earned_back_amount = 60, net_credit_amount = 0, "
            "earned_back_period = date '2026-05-01'"
        ),
    ],
    "fct_service_credit.status_is_decided_by_people": [
        credit("status = 'approved'"),
        credit("status = 'no_credit'"),
        credit("approved_amount = 60"),
        "delete from config.credit_decisions where decision = 'applied'",
        "update config.credit_decisions set decided_date = date '2027-01-01'",
    ],
    "fct_service_credit.decisions_have_a_credit": ["update config.credit_decisions set goal_id = 'full'"],
    "fct_service_credit.approved_as_proposed": [credit("approved_amount = 49", "approved_amount is not null")],
    "agreement_scorecard_monthly.credits_add_up": [
        "update marts.agreement_scorecard_monthly set credit_amount = 1 where period = date '2026-05-01'",
        "update marts.agreement_scorecard_monthly set currency = 'USD' where period = date '2026-05-01'",
        "update marts.agreement_scorecard_monthly set earned_back_amount = 1 where period = date '2026-05-01'",
    ],
    "fct_termination_review_flag.credits_reach_the_share": [
        # Raised where the credits do not reach the share, are none, or not often enough.
        "update marts.fct_termination_review_flag set reason = 'credits_over_share_of_fees'; "
        "update config.agreements set flag_credit_fee_rate = 0.07",
        "update marts.fct_termination_review_flag set reason = 'credits_over_share_of_fees', last_period = date '2026-11-01'",
        "update marts.fct_termination_review_flag set reason = 'credits_over_share_of_fees', missed_period_count = 1",
    ],
}

VOLUME_MARTS = {
    "fct_incoming_volume_hourly": (
        "channel_id = 'mail' and hour_at = (select max(hour_at) from marts.fct_incoming_volume_hourly "
        "where channel_id = 'mail' and never_answered_count > 0 and listened_count > 0)",
        "channel_id = 'mail' and pending_count > 0",
        "hour_at",
    ),
    "fct_incoming_volume_daily": ("date_day = date '2026-05-04'", "date_day = date '2026-11-02'", "date_day"),
    "channel_volume_monthly": ("period = date '2026-05-01'", "period = date '2026-11-01'", "period"),
}


def volume(mart: str, change: str, which: str | None = None) -> str:
    return f"update marts.{mart} set {change} where {which or VOLUME_MARTS[mart][0]}"


VOLUME_PLANTS: dict[str, list[str]] = {
    f"{mart}.{rule}": plants
    for mart, (decided, pending, _) in VOLUME_MARTS.items()
    for rule, plants in {
        "parts_add_up": [
            *(
                volume(mart, change)
                for change in (
                    "answered_count = answered_count + 1",
                    "listened_count = actionable_count - 1",
                    "unknown_intent_count = listened_count + 1",
                    "assistance_count = listened_count + 1",
                    "measurable_count = answered_count + never_answered_count + 1, never_viewed_count = 0",
                    "measurable_count = 1",
                    "measurable_count = 1, never_viewed_count = 2",
                    "never_answered_or_viewed_count = never_answered_count - 1",
                    "never_answered_or_viewed_count = never_answered_count + 1",
                )
            ),
            volume(mart, "unknown_intent_count = listened_count, assistance_count = 0"),
        ],
        "rates_are_their_parts": [
            *(
                volume(mart, change)
                for change in (
                    "never_answered_rate = never_answered_rate + 0.00001",
                    "never_answered_rate = null",
                    "measurable_share = 1",
                    "measurable_share = null",
                )
            ),
            f"update marts.{mart} set never_answered_rate = 0, answered_count = 0, never_answered_count = 0 where {pending}",
        ],
        "silence_is_known_when_the_wait_is_over": [
            volume(mart, "never_answered_count = 1", pending),
            volume(mart, "pending_count = 1", decided),
        ],
    }.items()
} | {
    "fct_incoming_volume_hourly.every_inbound_message_counts_once": [
        volume("fct_incoming_volume_hourly", "listened_count = listened_count + 1"),
        f"delete from marts.fct_incoming_volume_hourly where {VOLUME_MARTS['fct_incoming_volume_hourly'][0]}",
    ],
    "fct_incoming_volume_hourly.no_hour_is_missing": [
        "delete from marts.fct_incoming_volume_hourly where hour_at = timestamp '2026-05-04 10:00:00'",
        "delete from marts.fct_incoming_volume_hourly where hour_at = (select max(hour_at) from marts.fct_incoming_volume_hourly)",
    ],
    "fct_incoming_volume_hourly.local_clock": [
        volume("fct_incoming_volume_hourly", change)
        for change in (
            "hour_of_week = (hour_of_week + 1) % 168",
            "hour_of_week = null",
            "day_of_week = day_of_week % 7 + 1, hour_of_week = day_of_week % 7 * 24 + hour_of_day",
            "local_day_seconds = 90000",
            "is_clock_change_day = true",
            "local_date = local_date + 7",
        )
    ],
    "fct_incoming_volume_hourly.peaks_are_over_the_usual": [
        volume("fct_incoming_volume_hourly", change)
        for change in (
            "is_peak_hour = not is_peak_hour",
            "is_peak_hour = null",
            "best_sustained_count = null",
            "headroom_ratio = headroom_ratio + 1",
            "headroom_ratio = null",
            "arrivals_p95_count = null, is_peak_hour = null, best_sustained_count = null, headroom_ratio = null",
        )
    ],
    "fct_incoming_volume_daily.no_day_is_missing": [
        "delete from marts.fct_incoming_volume_daily where date_day = date '2026-05-04'",
        "delete from marts.fct_incoming_volume_daily where date_day = (select max(date_day) from marts.fct_incoming_volume_daily)",
        volume("fct_incoming_volume_daily", "starts_at = starts_at + interval 1 hour"),
        volume("fct_incoming_volume_daily", "local_day_seconds = 82800"),
        volume("fct_incoming_volume_daily", "is_clock_change_day = true"),
    ],
    "fct_incoming_volume_daily.days_and_hours_have_the_same_messages": [
        volume("fct_incoming_volume_daily", "listened_count = listened_count + 1"),
        volume("fct_incoming_volume_daily", "unknown_intent_count = unknown_intent_count + 1"),
        "delete from marts.fct_incoming_volume_daily where channel_id = 'mail'",
    ],
    "channel_volume_monthly.months_and_days_have_the_same_messages": [
        volume("channel_volume_monthly", "listened_count = listened_count + 1"),
        volume("channel_volume_monthly", "unknown_intent_count = unknown_intent_count + 1"),
        volume("channel_volume_monthly", "peak_hour_count = peak_hour_count + 1"),
        volume("channel_volume_monthly", "judged_hour_count = judged_hour_count + 1"),
        "delete from marts.channel_volume_monthly where period = date '2026-05-01'",
    ],
    "channel_volume_monthly.load_is_its_parts": [
        volume("channel_volume_monthly", change)
        for change in (
            "peak_met_count = peak_decided_count + 1",
            "other_met_count = other_decided_count + 1",
            "peak_hour_count = 0, peak_decided_count = 40",
            "peak_attainment_rate = 1",
            "peak_attainment_rate = null, peak_decided_count = 40",
            "other_attainment_rate = null",
            "other_attainment_rate = 1",
            "headroom_ratio = headroom_ratio + 1",
        )
    ],
}

PLANTS: dict[str, list[str]] = {
    **CREDIT_PLANTS,
    **VOLUME_PLANTS,
    "fct_sla_clock.one_outcome": [
        "insert into marts.fct_sla_clock select * replace ('another' as clock_id, 'missed' as outcome) "
        f"from marts.fct_sla_clock where {ONE_CLOCK}"
    ],
    "fct_sla_clock.one_message_one_outcome": [
        "insert into marts.fct_sla_clock select * replace ('another' as clock_id, 2 as cycle_number, 'missed' as outcome, "
        f"conversation_key + 1 as conversation_key) from marts.fct_sla_clock where {ONE_CLOCK}"
    ],
    "fct_sla_clock.conversation_is_its_own": [
        clock("conversation_key = conversation_key + 1"),
        clock("conversation_key = -1"),
        clock("channel_id = 'elsewhere'"),
    ],
    "fct_sla_clock.goal_is_its_own": [
        clock("goal_key = 'care:1:next'"),
        clock("metric = 'next_response'"),
        clock("schedule_id = 'office'"),
        clock("goal_rate = 0.5"),
        clock("agreement_version = 2"),
        clock("agreement_version = null"),
    ],
    "fct_sla_clock.starts_and_stops_of_its_measure": [
        clock("started_by = 'assigned'"),
        clock("stop_reason = 'solved'"),
        clock("stop_reason = 'response'", GAP_CLOCK),
        clock("stop_reason = 'response', stopped_at = null"),
        clock("stop_reason = null"),
        clock("metric = 'uptime'"),
    ],
    "fct_sla_clock.starts_at_its_message": [
        clock("started_at = started_at + interval 1 second"),
        clock("message_id = response_message_id"),
        clock("message_id = null"),
        "update marts.fct_message set received_at = received_at + interval 1 second "
        f"where message_id = (select message_id from marts.fct_sla_clock where {OFFICE_CLOCK})",
        "update config.goals set subject = 'member' where goal_id = 'first'; "
        "update marts.fct_message set received_at = received_at + interval 1 second",
    ],
    "fct_sla_clock.stops_at_its_message": [
        clock("stopped_at = stopped_at + interval 1 second"),
        clock("response_message_id = message_id"),
        clock("response_message_id = null"),
        clock("is_clock_skewed = true"),
        clock("stop_reason = 'solved'"),
        "update marts.fct_message set published_at = published_at - interval 1 hour "
        f"where message_id = (select response_message_id from marts.fct_sla_clock where {GAP_CLOCK})",
    ],
    "fct_sla_clock.met_within_target": [
        clock("elapsed_seconds = target_seconds + 1"),
        clock("outcome = 'missed'"),
        clock("elapsed_seconds = target_seconds", MISSED_CLOCK),
    ],
    "fct_sla_clock.decided_has_target": [clock("target_seconds = null")],
    "fct_sla_clock.open_within_target": [clock("elapsed_seconds = target_seconds + 1", RUNNING_CLOCK)],
    "fct_sla_clock.open_has_no_stop": [clock("stopped_at = started_at", RUNNING_CLOCK), clock("stopped_at = null")],
    "fct_sla_clock.excluded_has_reason": [clock("outcome = 'excluded'"), clock("excluded_reason = 'spam'")],
    "fct_sla_clock.decided_at_first_of_stop_and_due": [
        clock("decided_at = decided_at + interval 1 second"),
        clock("decided_at = null"),
        clock("decided_at = started_at", RUNNING_CLOCK),
        clock("decided_at = stopped_at", MISSED_CLOCK),
    ],
    "fct_sla_clock.due_follows_elapsed": [
        clock("due_at = stopped_at"),
        clock("due_at = stopped_at", MISSED_CLOCK),
        clock("due_at = null", MISSED_CLOCK),
        clock("due_at = null", RUNNING_CLOCK),
        clock("due_at = timestamp '2026-11-03'", RUNNING_CLOCK),
        clock("outcome = 'paused'", RUNNING_CLOCK),
        clock("elapsed_seconds = target_seconds"),
        clock("due_at = started_at - interval 1 second"),
    ],
    "fct_sla_clock.decided_period_holds_decision": [
        clock("decided_period = decided_period - interval 1 month"),
        clock("decided_period = null"),
    ],
    "fct_sla_clock.started_period_holds_start": [clock("started_period = started_period + interval 1 month")],
    "fct_sla_clock.elapsed_is_of_the_basis": [clock("elapsed_seconds = elapsed_seconds + 1")],
    "fct_sla_clock.business_within_calendar": [
        clock("elapsed_business_seconds = elapsed_calendar_seconds + 1"),
        clock("paused_business_seconds = paused_seconds + 1"),
    ],
    "fct_sla_clock.business_is_calendar_while_open": [
        clock("elapsed_business_seconds = elapsed_business_seconds - 1"),
        clock("elapsed_business_seconds = elapsed_business_seconds - 1", CALENDAR_CLOCK),
        clock("paused_business_seconds = paused_business_seconds - 1", PAUSED_CLOCK),
    ],
    "fct_sla_clock.business_is_open_time": [
        clock("elapsed_business_seconds = elapsed_business_seconds + 1"),
        clock("elapsed_business_seconds = elapsed_business_seconds - 1", OFFICE_CLOCK),
        clock("paused_business_seconds = 1", OFFICE_CLOCK),
    ],
    "fct_sla_clock.due_uses_up_the_target": [
        clock("due_at = due_at - interval 1 second"),
        clock("due_at = due_at + interval 1 second"),
        clock("due_at = due_at - interval 1 second", CALENDAR_CLOCK),
        clock("due_at = due_at + interval 1 second", CALENDAR_CLOCK),
        clock("due_at = due_at + interval 1 second", PAUSED_CLOCK),
        # The next opening is not the first instant at which a target that ends with the day is used up.
        "update marts.fct_sla_clock set target_seconds = (17 - 9) * 3600 - date_diff('second', date_trunc('day', started_at) "
        "+ interval 9 hour, started_at), due_at = date_trunc('day', started_at) + interval 33 hour where clock_id = "
        "(select min(clock_id) from marts.fct_sla_clock where goal_id = 'own' and hour(started_at) between 9 and 16)",
    ],
    "fct_sla_clock.calendar_adds_up": [
        clock("elapsed_calendar_seconds = elapsed_calendar_seconds - 1"),
        clock("paused_seconds = paused_seconds - 1", PAUSED_CLOCK),
    ],
    "fct_sla_clock.work_within_wait_within_resolution": [
        clock("elapsed_calendar_seconds = elapsed_calendar_seconds + 501", WORK_CLOCK),
        clock("elapsed_business_seconds = elapsed_business_seconds + 501", WORK_CLOCK),
        "update marts.fct_sla_clock set elapsed_calendar_seconds = elapsed_calendar_seconds - 1 where goal_id = 'full'",
    ],
    "fct_sla_clock.stop_not_before_start": [
        clock("stopped_at = started_at - interval 1 second"),
        clock("is_clock_skewed = true", RUNNING_CLOCK),
        clock("is_clock_skewed = true", OFFICE_CLOCK),
    ],
    "fct_sla_clock.nothing_after_as_of": [clock("stopped_at = timestamp '2026-11-03 00:00:01'")],
    "fct_sla_clock.target_is_the_goals": [
        clock("target_seconds = 3601, target_seconds_at_start = 3601"),
        clock("target_seconds_at_start = 3601"),
        clock("target_seconds_at_start = null"),
    ],
    "fct_sla_clock.version_in_force_at_start": [
        "update config.agreement_in_force set from_at = timestamp '2026-02-01'",
        "update config.goals set to_at = timestamp '2026-02-01' where goal_id = 'gap'",
    ],
    "fct_sla_clock.no_agreement_is_said": [
        clock("excluded_reason = 'no_agreement'"),
        clock("excluded_reason = 'no_agreement', agreement_version = null"),
    ],
    "fct_sla_clock.every_conversation_has_a_clock": [
        f"delete from marts.fct_sla_clock where goal_id = '{goal}' and conversation_id = 'conversation-42'"
        for goal in ("first", "full", "wait", "work")
    ],
    "fct_sla_clock.every_message_has_a_clock": [
        "delete from marts.fct_sla_clock where metric = 'next_response' and conversation_id = 'conversation-42'"
    ],
    "fct_sla_clock_segment.sums_to_elapsed": [
        f"update marts.fct_sla_clock_segment set calendar_seconds = calendar_seconds + 1 where {ONE_CLOCK}",
        f"update marts.fct_sla_clock_segment set business_seconds = business_seconds - 1 where {ONE_CLOCK}",
        f"delete from marts.fct_sla_clock_segment where state = 'paused' and {PAUSED_CLOCK}",
        f"delete from marts.fct_sla_clock_segment where {ONE_CLOCK}",
        clock("paused_business_seconds = paused_business_seconds - 1", PAUSED_CLOCK),
    ],
    "fct_sla_clock_segment.clock_is_its_own": [
        f"update marts.fct_sla_clock_segment set conversation_key = conversation_key + 1 where {ONE_CLOCK}",
    ],
    "fct_sla_clock_segment.no_gaps": [
        f"delete from marts.fct_sla_clock_segment where segment_number = 2 and {PAUSED_CLOCK}",
        f"update marts.fct_sla_clock_segment set began_at = began_at + interval 1 second where segment_number = 2 and {PAUSED_CLOCK}",
    ],
    "fct_sla_clock_segment.spans_the_clock": [
        f"update marts.fct_sla_clock_segment set ended_at = ended_at - interval 1 second where {ONE_CLOCK}"
    ],
    "fct_sla_clock_segment.calendar_is_its_length": [
        f"update marts.fct_sla_clock_segment set business_seconds = calendar_seconds + 1 where {ONE_CLOCK}",
        f"update marts.fct_sla_clock_segment set calendar_seconds = calendar_seconds + 1 where {ONE_CLOCK}",
    ],
    "fct_sla_clock_segment.business_is_open_time": [
        f"update marts.fct_sla_clock_segment set business_seconds = business_seconds - 1 where {CALENDAR_CLOCK}",
        f"update marts.fct_sla_clock_segment set business_seconds = business_seconds - 1 where {OFFICE_CLOCK}",
        # Cut in two at the wrong second: the sum is right, the parts are not.
        "update marts.fct_sla_clock_segment set business_seconds = business_seconds + case segment_number when 1 then 1 else -1 end "
        f"where segment_number < 3 and {PAUSED_CLOCK}",
    ],
    "fct_message.nothing_after_as_of": [
        "update marts.fct_message set received_at = timestamp '2026-11-03 00:00:01' where source_message_id = 'conversation-42-1'"
    ],
    "fct_message.every_canonical_message": [
        "delete from marts.fct_message where source_message_id = 'conversation-42-1'",
        "update marts.fct_message set message_id = 'stranger' where source_message_id = 'conversation-42-1'",
        "update marts.fct_message set conversation_key = conversation_key + 2 where source_message_id = 'conversation-42-1'",
    ],
    "fct_message.conversation_is_its_own": [
        "update marts.fct_message set conversation_key = conversation_key + 2 where source_message_id = 'conversation-42-1'",
        "update marts.fct_message set channel_id = 'mail' where source_message_id = 'conversation-42-1'",
        "update marts.fct_message set customer_key = 'customer-pseudonym-1' where source_message_id = 'conversation-42-1'",
    ],
    "fct_message.received_not_long_before_published": [
        "update marts.fct_message set received_at = published_at - interval 2 hour where source_message_id = 'conversation-42-1'"
    ],
    "fct_message.month_collapsed": [
        "delete from marts.fct_message where channel_id = 'mail' and published_at >= timestamp '2026-08-01' "
        "and published_at < timestamp '2026-09-01'",
        "delete from marts.fct_message where channel_id = 'mail' and direction = 'outbound' "
        "and published_at >= timestamp '2026-10-01' and published_at < timestamp '2026-11-01'",
        "delete from marts.fct_message where month(published_at) = 2",
        "delete from marts.fct_message where hash(message_id) % 10 <> 0 and published_at >= timestamp '2026-06-01' "
        "and published_at < timestamp '2026-07-01'",
    ],
    "fct_message.last_days_collapsed": [
        "delete from marts.fct_message where hash(message_id) % 10 <> 0 and published_at >= timestamp '2026-11-01'",
        "delete from marts.fct_message where channel_id = 'mail' and published_at >= timestamp '2026-11-01'",
        "delete from marts.fct_message where channel_id = 'mail' and hash(message_id) % 20 <> 0 "
        "and published_at >= timestamp '2026-11-01'",
        "delete from marts.fct_message where direction = 'outbound' and published_at >= timestamp '2026-10-27'",
    ],
    "fct_message.month_collapsed_since_release": [
        "delete from marts.fct_message where channel_id = 'x_main' and month(published_at) = 1",
        "delete from marts.fct_message where hash(message_id) % 20 <> 0 and month(published_at) = 2",
    ],
    "fct_message.month_shrank_since_release": [
        "delete from marts.fct_message where hash(message_id) % 3 = 0 and month(published_at) = 2",
    ],
    "fct_message.channel_has_messages": ["delete from marts.fct_message where channel_id = 'mail'"],
    "fct_conversation.every_canonical_conversation": [
        "delete from marts.fct_conversation where conversation_id = 'conversation-42'",
        "update marts.fct_conversation set conversation_key = -1 where conversation_id = 'conversation-42'",
    ],
    "fct_conversation.one_key_each": [
        "update marts.fct_conversation set conversation_key = conversation_key + 1 where conversation_id = 'conversation-42'"
    ],
    "fct_conversation.messages_are_its_own": [
        "update marts.fct_conversation set inbound_count = inbound_count + 1 where conversation_id = 'conversation-42'",
        "update marts.fct_conversation set last_message_at = null where conversation_id = 'conversation-42'",
        "delete from marts.fct_message where source_message_id = 'conversation-42-1'",
    ],
    "fct_conversation.longest_gap_holds_its_clocks": [
        "update marts.fct_conversation set longest_update_gap_seconds = longest_update_gap_seconds - 1 "
        "where conversation_id = 'conversation-42'",
        "update marts.fct_conversation set longest_update_gap_seconds = null where conversation_id = 'conversation-42'",
    ],
    "fct_conversation.any_response_not_after_human": [
        "update marts.fct_conversation set first_any_response_at = first_any_response_at + interval 1 second "
        "where conversation_id = 'conversation-42'"
    ],
    "fct_conversation.first_resolved_not_after_last": [
        "update marts.fct_conversation set first_resolved_at = first_resolved_at + interval 1 second "
        "where conversation_id = 'conversation-42'"
    ],
    "fct_conversation.nothing_after_as_of": [
        "update marts.fct_conversation set last_resolved_at = timestamp '2027-01-01' where conversation_id = 'conversation-42'"
    ],
    "agreement_goal_monthly.counts_add_up": [
        month("met_count = met_count + 1"),
        month("conversation_missed_count = conversation_missed_count + 1"),
    ],
    "agreement_goal_monthly.counts_are_the_clocks": [
        month("met_count = met_count + 1, decided_count = decided_count + 1"),
        f"delete from marts.agreement_goal_monthly where {ONE_MONTH}",
    ],
    "agreement_goal_monthly.attainment_is_met_of_decided": [
        month("attainment_rate = 1"),
        month("attainment_rate = null"),
        month("decided_count = 0, met_count = 0, missed_count = 0, attainment_rate = 1"),
    ],
    "agreement_goal_monthly.goal_met_is_exact": [
        month("is_goal_met = not is_goal_met"),
        month("is_goal_met = null"),
        month("indeterminate_reason = 'no_data'"),
    ],
    "agreement_goal_monthly.goal_rate_is_a_share": [month("goal_rate = 1.5"), month("attainment_rate = 85")],
    "agreement_goal_monthly.periods_without_gaps": [
        f"delete from marts.agreement_goal_monthly where {ONE_MONTH}",
        month("period = date '2026-05-02'"),
    ],
    "agreement_goal_monthly.p50_not_over_p90": [month("p50_seconds = p90_seconds + 1")],
    "agreement_goal_monthly.streak_counts_misses": [month("consecutive_missed_count = 2")],
    "agreement_goal_monthly.error_budget_is_exact": [
        month("error_budget_count = error_budget_count + 1"),
        month("error_budget_burn_rate = error_budget_burn_rate + 0.1"),
        month("error_budget_burn_rate = null"),
        month("error_budget_rate = error_budget_burn_rate"),
        "update marts.agreement_goal_monthly set error_budget_exhausted_date = null",
        "update marts.agreement_goal_monthly set error_budget_exhausted_date = date '2026-12-24' where goal_id = 'next'",
    ],
    "agreement_goal_monthly.cohort_is_of_the_clocks": [
        month("cohort_met_count = cohort_met_count + 1"),
        month("cohort_attainment_rate = 1"),
    ],
    "team_attainment_monthly.one_row_each": [
        f"insert into marts.team_attainment_monthly select * from marts.team_attainment_monthly where {ONE_MONTH}"
    ],
    "team_attainment_monthly.counts_add_up": [
        f"update marts.team_attainment_monthly set {change} where {ONE_MONTH}"
        for change in (
            "decided_count = decided_count + 1",
            "attainment_rate = null",
            "attainment_rate = 1",
            "p50_seconds = 1e9",
        )
    ],
    "team_attainment_monthly.teams_add_up_to_their_goal": [
        "delete from marts.team_attainment_monthly where goal_id = 'own' and is_whole_team and period = date '2026-05-01'",
        f"update marts.team_attainment_monthly set met_count = met_count + 1, decided_count = decided_count + 1 where {ONE_MONTH}",
    ],
    "team_attainment_monthly.people_add_up_to_their_team": [
        "delete from marts.team_attainment_monthly where team_member_id = 'member-1' and period = date '2026-05-01'",
        "delete from marts.team_attainment_monthly where goal_id = 'own' and is_whole_team and period = date '2026-05-01'",
    ],
    "team_attainment_monthly.people_only_where_they_are_measured": [
        "update config.agreements set measures_people = false",
        f"update marts.team_attainment_monthly set team_member_id = 'member-1' where {ONE_MONTH}",
    ],
    "support_availability_monthly.parts_add_up": [
        f"update marts.support_availability_monthly set {change} where period = date '2026-05-01'"
        for change in ("staffed_seconds = staffed_seconds + 1", "promised_seconds = 1", "promised_seconds = 10000000")
    ],
    "support_availability_monthly.rates_are_their_parts": [
        f"update marts.support_availability_monthly set {change} where period = date '2026-05-01'"
        for change in ("availability_rate = 1", "availability_rate = null", "coverage_rate = 1")
    ]
    + ["update marts.support_availability_monthly set availability_rate = 1 where period = date '2026-10-01'"],
    "channel_promise_hourly.parts_add_up": [
        f"update marts.channel_promise_hourly set {change} where period = date '2026-05-01' and hour_of_week = 36"
        for change in (
            "message_count = message_count + 1",
            "kept_count = promised_count + 1",
            "calendar_kept_count = 21",
            "hour_of_week = 168",
            "day_of_week = 7",
            "hour_of_day = 7",
        )
    ],
    "channel_promise_hourly.rates_are_their_parts": [
        f"update marts.channel_promise_hourly set {change} where period = date '2026-05-01' and hour_of_week = 36"
        for change in ("kept_rate = 1", "kept_rate = null", "calendar_kept_rate = 1", "outside_hours_rate = null")
    ]
    + ["update marts.channel_promise_hourly set kept_rate = 1 where hour_of_week = 2"],
    "public_statement.every_channel_has_a_row": [
        "delete from marts.public_statement where channel_id = (select min(channel_id) from marts.dim_channel)"
    ],
    "public_statement.says_what_is_wrong": [
        f"update marts.public_statement set {change}"
        for change in (
            "statement_text = null",
            "agreement_id = null",
            "character_limit = 30",
            "problem = 'no_statement'",
            "statements = '[]'",
            "statement_url = null",
            "statement_text = statement_text || '!'",
        )
    ],
    "agreement_scorecard_monthly.counts_are_the_goals": [
        "update marts.agreement_scorecard_monthly set goals_met_count = goals_met_count + 1 where period = date '2026-05-01'",
        "delete from marts.agreement_scorecard_monthly where period = date '2026-05-01'",
    ],
    "fct_termination_review_flag.streak_has_its_months": [
        "update marts.fct_termination_review_flag set missed_period_count = 2 where last_period = date '2026-05-01'",
        "update marts.fct_termination_review_flag set first_period = null where last_period = date '2026-05-01'",
    ],
    "fct_termination_review_flag.last_month_was_missed": [
        "update marts.fct_termination_review_flag set goal_id = 'first' where last_period = date '2026-05-01'"
    ],
    "fct_termination_review_flag.a_missed_month_asks": [
        # Not missed often enough; not missed; not under the floor.
        "update marts.fct_termination_review_flag set reason = 'missed_in_some_of_last_months', missed_period_count = 1",
        "update marts.fct_termination_review_flag set reason = 'missed_in_some_of_last_months', last_period = date '2026-11-01'",
        "update marts.fct_termination_review_flag set reason = 'below_severity_floor'",
    ],
    "fct_review_decision.decided_once": [
        "insert into marts.fct_review_decision select * replace ('second' as decision_id, 'terminate' as decision) "
        "from marts.fct_review_decision"
    ],
    "fct_termination_review_flag.decided_by_somebody": [
        "update marts.fct_termination_review_flag set state = 'decided' where last_period = date '2026-05-01'"
    ],
    "vendor_reconciliation.adds_up": [
        compared("difference_seconds = difference_seconds + 1, remainder_seconds = remainder_seconds + 1"),
        compared("start_difference_seconds = 1"),
    ],
    "vendor_reconciliation.ours_is_the_clocks": [
        compared("our_seconds = our_seconds + 1"),
        compared("metric = 'next_response'"),
        compared("conversation_id = 'conversation-1'"),
    ],
    "vendor_reconciliation.rounding_is_less_than_a_minute": [
        compared("difference_seconds = 60"),
        compared("difference_seconds = 1, explained_by = 'equal'"),
        compared("difference_seconds = 0, explained_by = 'rounding_to_minutes'"),
    ],
    "vendor_reconciliation.explained_by_a_part": [
        compared("explained_by = 'pauses'"),
        compared("explained_by = 'pauses', start_explained_by = 'merged'"),
    ],
    "vendor_reconciliation.unexplained": [compared("explained_by = 'unexplained'")],
    "vendor_reconciliation.figures_keep_coming": [
        "delete from marts.vendor_reconciliation where clock_id in "
        "(select clock_id from marts.fct_sla_clock where stopped_at >= timestamp '2026-09-01')"
    ],
    "fct_restatement.something_changed": [
        "update marts.fct_restatement set restated_rate = signed_rate, restated_met_count = signed_met_count"
    ],
    "dim_date.no_gaps": ["delete from marts.dim_date where date_day = date '2026-03-29'"],
    "dim_date.covers_the_clocks": ["delete from marts.dim_date where date_day < date '2026-02-01'"],
    "dim_channel.every_configured_channel": ["delete from marts.dim_channel where channel_id = 'mail'"],
    "dim_agreement.one_row_a_version": [
        "insert into marts.dim_agreement select * replace ('care:one' as agreement_key) from marts.dim_agreement"
    ],
    "dim_agreement.validity_in_order": ["update marts.dim_agreement set valid_to_date = date '2020-01-01'"],
    "dim_goal.goal_rate_is_a_share": ["update marts.dim_goal set goal_rate = 90"],
    "dim_goal.named_teams_exist": ["update marts.dim_goal set teams = 'team-1, team-2' where goal_id = 'own'"],
    "dim_schedule_interval.are_the_configuration": [
        "delete from marts.dim_schedule_interval where local_date = date '2026-05-05'",
        "update marts.dim_schedule_interval set closes_at = closes_at + interval 1 hour where local_date = date '2026-05-05'",
        "update config.schedule_intervals set open_seconds_before = open_seconds_before - 1 where local_date = date '2026-05-05'",
    ],
    "dim_schedule_interval.in_order": [
        "update marts.dim_schedule_interval set closes_at = opens_at where local_date = date '2026-05-05'",
        "update marts.dim_schedule_interval set closes_at = opens_at + interval 1 day where local_date = date '2026-05-05'",
    ],
    "dim_schedule_interval.local_date_holds_the_opening": [
        "update marts.dim_schedule_interval set local_date = local_date + 1 where local_date = date '2026-05-05'",
        "update marts.dim_schedule_interval set timezone = 'Pacific/Honolulu' where schedule_id = 'office'",
    ],
    "dim_schedule_interval.covers_the_clocks": [
        "delete from marts.dim_schedule_interval where schedule_id = 'always'",
        "delete from marts.dim_schedule_interval where local_date >= date '2026-10-01'",
    ],
    "dim_customer.no_personal_data": ["insert into marts.dim_customer values ('someone@example.org', 'x')"],
    "int_unmapped_statuses.none": ["insert into intermediate.int_unmapped_statuses values ('zendesk', 'parked', 17)"],
    "landing_manifest.every_channel_landed": ["delete from landing.manifest where source = 'zendesk'"],
    "landing_manifest.fresh": [
        "delete from landing.manifest where stream = 'tweets' and partition_end >= timestamp '2026-11-01'"
    ],
    "landing_manifest.no_holes": [
        "delete from landing.manifest where stream = 'tickets' and partition_start = timestamp '2026-05-01'"
    ],
}
