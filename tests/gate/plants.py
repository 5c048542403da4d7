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
ONE_MONTH = "goal_id = 'first' and period = date '2026-05-01'"


def clock(change: str, which: str = ONE_CLOCK) -> str:
    return f"update marts.fct_sla_clock set {change} where {which}"


def month(change: str) -> str:
    return f"update marts.agreement_goal_monthly set {change} where {ONE_MONTH}"


PLANTS: dict[str, list[str]] = {
    "fct_sla_clock.one_outcome": [
        "insert into marts.fct_sla_clock select * replace ('another' as clock_id, 'missed' as outcome) "
        f"from marts.fct_sla_clock where {ONE_CLOCK}"
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
    "fct_sla_clock.decided_period_holds_decision": [
        clock("decided_period = decided_period - interval 1 month"),
        clock("decided_period = null"),
    ],
    "fct_sla_clock.started_period_holds_start": [clock("started_period = started_period + interval 1 month")],
    "fct_sla_clock.elapsed_is_of_the_basis": [clock("elapsed_seconds = elapsed_seconds + 1")],
    "fct_sla_clock.business_within_calendar": [clock("elapsed_business_seconds = elapsed_calendar_seconds + 1")],
    "fct_sla_clock.business_is_calendar_while_open": [clock("elapsed_business_seconds = elapsed_business_seconds - 1")],
    "fct_sla_clock.business_is_open_time": [clock("elapsed_business_seconds = elapsed_business_seconds + 1")],
    "fct_sla_clock.due_uses_up_the_target": [clock("due_at = due_at - interval 1 second")],
    "fct_sla_clock.calendar_adds_up": [
        clock("elapsed_calendar_seconds = elapsed_calendar_seconds - 1"),
        clock("paused_seconds = paused_seconds - 1", PAUSED_CLOCK),
    ],
    "fct_sla_clock.stop_not_before_start": [
        clock("stopped_at = started_at - interval 1 second"),
        clock("is_clock_skewed = true"),
    ],
    "fct_sla_clock.nothing_after_as_of": [clock("stopped_at = timestamp '2026-11-03 00:00:01'")],
    "fct_sla_clock.due_is_start_plus_target": [clock("due_at = due_at + interval 1 second", CALENDAR_CLOCK)],
    "fct_sla_clock.target_is_the_goals": [clock("target_seconds = 3601, target_seconds_at_start = 3601")],
    "fct_sla_clock.version_in_force_at_start": [
        "update config.agreement_in_force set from_at = timestamp '2026-02-01'",
    ],
    "fct_sla_clock.every_conversation_has_a_clock": [
        "delete from marts.fct_sla_clock where metric = 'first_response' and conversation_id = 'conversation-42'"
    ],
    "fct_sla_clock.every_message_has_a_clock": [
        "delete from marts.fct_sla_clock where metric = 'next_response' and conversation_id = 'conversation-42'"
    ],
    "fct_sla_clock_segment.sums_to_elapsed": [
        f"update marts.fct_sla_clock_segment set calendar_seconds = calendar_seconds + 1 where {ONE_CLOCK}",
        f"update marts.fct_sla_clock_segment set business_seconds = business_seconds - 1 where {ONE_CLOCK}",
        f"delete from marts.fct_sla_clock_segment where state = 'paused' and {PAUSED_CLOCK}",
        f"delete from marts.fct_sla_clock_segment where {ONE_CLOCK}",
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
    "fct_message.nothing_after_as_of": [
        "update marts.fct_message set received_at = timestamp '2026-11-03 00:00:01' where message_id = 'conversation-42-1'"
    ],
    "fct_message.every_canonical_message": [
        "delete from marts.fct_message where message_id = 'conversation-42-1'",
        "update marts.fct_message set message_id = 'stranger' where message_id = 'conversation-42-1'",
    ],
    "fct_message.received_not_long_before_published": [
        "update marts.fct_message set received_at = published_at - interval 2 hour where message_id = 'conversation-42-1'"
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
        "delete from marts.fct_conversation where conversation_id = 'conversation-42'"
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
    "fct_termination_review_flag.decided_by_somebody": [
        "update marts.fct_termination_review_flag set state = 'decided' where last_period = date '2026-05-01'"
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
