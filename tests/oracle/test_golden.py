"""Hand-worked clocks: elapsed, due, outcome, order, turns, responses, resolution. The rule id is in each test's name.

Unless a test says otherwise: hours Monday–Friday 09:00–17:00 UTC, target 2 business hours, 2 March 2026 is a Monday,
`as_of` is 20 March.
"""

from __future__ import annotations

import pytest

from tests.oracle.clocks import DECIDED_AT_CLOSING, EXCLUDED_UNTIL_DUE, Readings
from tests.oracle.model import EffectivePart, Schedule
from tests.oracle.story import ALWAYS, DAY, HOUR, MINUTE, OFFICE, Story, goal, on, version, weekdays

FIRST = goal("first_response")
NEXT = goal("next_response")


# ---- D1, D2, D5, D6, D7: elapsed, outcome, due, period ------------------------------------------------------------


def test_d1_both_elapsed_are_published():
    # Monday 16:00 to Tuesday 10:00: 18 h by the calendar; 1 h + 1 h in business.
    clock = Story(FIRST).customer(on(2, "16:00")).agent(on(3, "10:00")).clock()
    assert (clock.elapsed_calendar_seconds, clock.elapsed_business_seconds) == (18 * HOUR, 2 * HOUR)
    assert clock.elapsed_seconds == 2 * HOUR


def test_d1_business_leaves_out_the_open_part_of_a_pause():
    # 10:00 → 12:00 next day = 7 h + 3 h open; pending 16:00 → 10:00 = 1 h + 1 h open, 18 h calendar.
    story = Story(goal("full_resolution", "9 hours", pause_statuses=frozenset({"pending"})))
    story.customer(on(2, "10:00")).status(on(2, "10:00"), "open").status(on(2, "16:00"), "pending")
    clock = story.status(on(3, "10:00"), "open").status(on(3, "12:00"), "solved").clock()
    assert (clock.elapsed_business_seconds, clock.paused_seconds) == (8 * HOUR, 18 * HOUR)
    assert clock.elapsed_calendar_seconds == 26 * HOUR - 18 * HOUR


@pytest.mark.parametrize(("second", "outcome"), [("11:59:59", "met"), ("12:00:00", "met"), ("12:00:01", "missed")])
def test_d2_met_if_and_only_if_elapsed_is_within_the_target(second, outcome):
    clock = Story(FIRST).customer(on(2, "10:00")).agent(on(2, second)).clock()
    assert (clock.outcome, clock.due_at) == (outcome, on(2, "12:00"))


def test_d2_an_answer_before_the_next_opening_is_met_where_the_target_ends_at_closing():
    # 15:00 + 2 h = 17:00, closing. 20:00: elapsed still 2 h. Decided at the earlier of stop and due: 17:00 (D7).
    clock = Story(FIRST).customer(on(2, "15:00")).agent(on(2, "20:00")).clock()
    assert (clock.outcome, clock.due_at, clock.decided_at) == ("met", on(2, "17:00"), on(2, "17:00"))


def test_d2_until_the_next_opening_the_clock_is_running():
    for as_of, outcome in ((on(3, "08:59"), "running"), (on(3, "09:00"), "running"), (on(3, "09:00:01"), "missed")):
        clock = Story(FIRST, as_of=as_of).customer(on(2, "15:00")).clock()
        assert (clock.outcome, clock.due_at) == (outcome, on(2, "17:00"))


def test_d2_one_second_after_the_opening_is_late():
    # 2 h used up at Monday's closing; 09:00:00 on Tuesday is elapsed 2 h, 09:00:01 is 2 h 1 s.
    assert Story(FIRST).customer(on(2, "15:00")).agent(on(3, "09:00")).clock().outcome == "met"
    assert Story(FIRST).customer(on(2, "15:00")).agent(on(3, "09:00:01")).clock().outcome == "missed"


def test_d5_one_business_day_is_not_24_open_hours():
    # Monday 12:00: one business day = Monday's 8 h → Tuesday 12:00. One day of the business clock = 24 h = 3 days.
    assert Story(goal("first_response", "1 business_days")).customer(on(2, "12:00")).clock().due_at == on(3, "12:00")
    assert Story(goal("first_response", "1 days")).customer(on(2, "12:00")).clock().due_at == on(5, "12:00")


def test_d5_a_calendar_day_is_86400_seconds_over_a_change_of_clocks():
    # From 28 March 12:00 UTC one day on: 29 March 12:00 UTC, whatever Berlin does in between.
    berlin = Schedule("always", "Europe/Berlin", (EffectivePart(weekdays(("00:00", "24:00"), days=range(7))),))
    terms = goal("first_response", "1 days", basis="calendar", schedule_id="always")
    story = Story(terms, as_of=on(31), schedules=(OFFICE, berlin))
    assert story.customer(on(28, "12:00")).clock().due_at == on(28, "12:00") + DAY


def test_d6_silence_is_missed_once_elapsed_exceeds_the_target():
    for as_of, outcome in ((on(2, "12:00"), "running"), (on(2, "12:00:01"), "missed"), (on(20), "missed")):
        clock = Story(FIRST, as_of=as_of).customer(on(2, "10:00")).clock()
        assert (clock.outcome, clock.stopped_at) == (outcome, None)


def test_d7_decided_at_is_the_earlier_of_stop_and_due():
    assert Story(FIRST).customer(on(2, "10:00")).agent(on(2, "11:00")).clock().decided_at == on(2, "11:00")
    assert Story(FIRST).customer(on(2, "10:00")).agent(on(9, "11:00")).clock().decided_at == on(2, "12:00")
    assert Story(FIRST).customer(on(2, "10:00")).clock().decided_at == on(2, "12:00")
    assert Story(FIRST, as_of=on(2, "11:00")).customer(on(2, "10:00")).clock().decided_at is None


# ---- D10, D12, D14: times and order --------------------------------------------------------------------------------


@pytest.mark.parametrize(("subject", "start"), [("customer", "10:00"), ("team", "10:20"), ("member", "10:20")])
def test_d10_customers_goals_start_when_posted_and_teams_when_received(subject, start):
    story = Story(goal("first_response", subject=subject)).customer(on(2, "10:00"), received_at=on(2, "10:20"))
    clock = story.agent(on(2, "11:00")).clock()
    assert (clock.started_at, clock.elapsed_seconds) == (on(2, start), on(2, "11:00") - on(2, start))


def test_d12_a_clock_started_outside_hours_keeps_the_messages_time():
    # Saturday 10:00; business time begins on Monday 09:00; due 11:00.
    clock = Story(FIRST).customer(on(7, "10:00")).agent(on(9, "09:30")).clock()
    assert (clock.started_at, clock.elapsed_seconds, clock.due_at) == (on(7, "10:00"), 30 * MINUTE, on(9, "11:00"))


def test_d12_as_of_sees_what_is_at_or_before_it_published_and_received():
    late = {"received_at": on(2, "11:00:01")}
    assert Story(FIRST, as_of=on(2, "11:00")).customer(on(2, "10:00"), **late).clocks() == []
    assert Story(FIRST, as_of=on(2, "11:00")).customer(on(2, "10:00")).agent(on(2, "11:00")).clock().outcome == "met"
    a_second_early = Story(FIRST, as_of=on(2, "10:59:59")).customer(on(2, "10:00")).agent(on(2, "11:00"))
    assert a_second_early.clock().stopped_at is None


def test_d14_equal_seconds_without_an_order_of_the_source_inbound_first():
    clock = Story(FIRST).agent(on(2, "10:00")).customer(on(2, "10:00")).clock()
    assert (clock.stopped_at, clock.elapsed_seconds, clock.is_clock_skewed) == (on(2, "10:00"), 0, False)


def test_d14_equal_seconds_the_sources_own_order():
    # The company's message came first in the source: it opened the thread and answers nothing.
    story = Story(FIRST).agent(on(2, "10:00"), source_order=1).customer(on(2, "10:00"), source_order=2)
    assert story.clock().stopped_at is None


def test_d14_status_changes_after_messages_of_the_same_second():
    # Answer and solved in one second: the answer stops the turn, the closing finds nothing open.
    story = Story(NEXT).customer(on(2, "09:00")).agent(on(2, "09:10")).status(on(2, "09:10"), "open")
    story.customer(on(2, "10:00")).status(on(2, "11:00"), "solved").agent(on(2, "11:00"))
    clock = story.clock()
    assert (clock.stop_reason, clock.outcome, clock.elapsed_seconds) == ("response", "met", HOUR)


def test_d14_a_stop_before_its_start_is_put_at_the_start_and_marked():
    # The reply carries 09:59:58 and replies to a message of 10:00:00: two clocks that disagree.
    story = Story(FIRST).agent(on(2, "09:59:58"), replies_to="q").customer(on(2, "10:00"), message_id="q")
    clock = story.clock()
    assert (clock.stopped_at, clock.elapsed_seconds, clock.is_clock_skewed) == (on(2, "10:00"), 0, True)
    assert clock.outcome == "met"


def test_d14_a_reply_that_the_source_puts_before_its_message_in_one_second_comes_after_it():
    story = Story(FIRST).agent(on(2, "10:00"), source_order=1, replies_to="q")
    clock = story.customer(on(2, "10:00"), message_id="q", source_order=2).clock()
    assert (clock.stopped_at, clock.elapsed_seconds, clock.is_clock_skewed) == (on(2, "10:00"), 0, False)


def test_d14_an_unlinked_earlier_message_of_the_company_is_no_answer():
    clock = Story(FIRST).agent(on(2, "09:59:58")).customer(on(2, "10:00")).clock()
    assert (clock.stopped_at, clock.is_clock_skewed) == (None, False)


# ---- D15, M1, M2: turns --------------------------------------------------------------------------------------------


def test_m1_first_response_counts_from_the_first_inbound_not_from_the_thread():
    story = Story(FIRST).conversation(created_at=on(2, "09:00")).agent(on(2, "09:00")).customer(on(2, "10:00"))
    clock = story.agent(on(2, "11:30")).clock()
    assert (clock.started_at, clock.elapsed_seconds) == (on(2, "10:00"), 90 * MINUTE)


def test_m1_a_thread_that_the_company_opened_has_no_clock_until_the_customer_speaks():
    assert Story(FIRST).agent(on(2, "09:00")).agent(on(3, "09:00")).clocks() == []


def test_m2_several_customer_messages_in_a_row_are_one_turn():
    # First turn 09:00–09:10. Second: 10:00, 10:30, 11:15, answered 11:30 → 1 h 30 from the oldest.
    story = Story(NEXT).customer(on(2, "09:00")).agent(on(2, "09:10"))
    story.customer(on(2, "10:00")).customer(on(2, "10:30")).customer(on(2, "11:15")).agent(on(2, "11:30"))
    clock = story.clock()
    assert (clock.started_at, clock.elapsed_seconds) == (on(2, "10:00"), 90 * MINUTE)
    assert clock.covered_message_ids == ("m3", "m4", "m5")


def test_d15_the_first_turn_is_first_responses_and_every_later_one_next_responses():
    story = Story(FIRST).customer(on(2, "09:00")).agent(on(2, "09:10")).customer(on(2, "10:00")).agent(on(2, "10:10"))
    assert [c.started_at for c in story.clocks()] == [on(2, "09:00")]
    story.customer(on(2, "11:00"))
    story.world.agreements = [version(NEXT)]
    assert [(c.started_at, c.cycle_number) for c in story.clocks()] == [(on(2, "10:00"), 1), (on(2, "11:00"), 2)]


def test_d15_inbound_messages_inside_the_first_turn_are_covered_by_it():
    clock = Story(FIRST).customer(on(2, "09:00")).customer(on(2, "09:30")).agent(on(2, "10:00")).clock()
    assert (clock.covered_message_ids, clock.elapsed_seconds) == (("m1", "m2"), HOUR)


def test_d15_a_second_answer_in_a_row_stops_nothing():
    story = Story(NEXT).customer(on(2, "09:00")).agent(on(2, "09:10")).agent(on(2, "09:20")).customer(on(2, "10:00"))
    assert [(c.started_at, c.stopped_at) for c in story.clocks()] == [(on(2, "10:00"), None)]


def test_d15_closing_neither_stops_nor_meets_a_first_response_clock():
    story = Story(FIRST).customer(on(2, "10:00")).status(on(2, "10:00"), "new").status(on(2, "10:30"), "solved")
    clock = story.agent(on(2, "13:00")).clock()  # 3 h > 2 h
    assert (clock.stop_reason, clock.elapsed_seconds, clock.outcome) == ("response", 3 * HOUR, "missed")


def closed_before_due(as_of: int) -> Story:
    story = Story(FIRST, as_of=as_of).customer(on(2, "10:00"))
    return story.status(on(2, "10:00"), "new").status(on(2, "10:30"), "solved")


def test_m1_closed_without_any_response_is_missed_once_due_has_passed():
    # "Closed without any response: missed once due has passed": running until 12:00, missed after it.
    assert closed_before_due(on(2, "12:00")).clock().outcome == "running"
    clock = closed_before_due(on(2, "12:00:01")).clock()
    assert (clock.outcome, clock.due_at, clock.stopped_at) == ("missed", on(2, "12:00"), None)


def test_d15_the_other_two_readings_of_a_closed_first_response():
    at_closing, until_due = Readings(DECIDED_AT_CLOSING), Readings(EXCLUDED_UNTIL_DUE)
    before, after = closed_before_due(on(2, "12:00")), closed_before_due(on(2, "12:00:01"))
    assert before.clock(readings=at_closing).excluded_reason == "closed_without_reply"
    assert after.clock(readings=at_closing).excluded_reason == "closed_without_reply"
    assert before.clock(readings=until_due).excluded_reason == "closed_without_reply"
    assert after.clock(readings=until_due).outcome == "missed"


@pytest.mark.parametrize(
    ("closed", "outcome", "reason"),
    [("12:00", "excluded", "closed_without_reply"), ("12:00:01", "missed", None)],
)
def test_m2_closing_ends_the_turn_missed_only_if_already_past_due(closed, outcome, reason):
    # Second turn 10:00, target 2 h; at 12:00:00 exactly 2 h are used: not past due.
    story = Story(NEXT).customer(on(2, "09:00")).status(on(2, "09:00"), "open").agent(on(2, "09:10"))
    clock = story.customer(on(2, "10:00")).status(on(2, closed), "solved").agent(on(2, "16:00")).clock()
    assert (clock.outcome, clock.excluded_reason, clock.stopped_at) == (outcome, reason, on(2, closed))
    assert clock.stop_reason == "closed_without_reply"
    assert clock.decided_at == (None if reason else on(2, "12:00"))


def test_d15_closing_is_from_an_unsolved_status_only():
    # solved → closed is no closing: the turn of 11:00 that nobody reopened goes on until its answer.
    story = Story(NEXT).customer(on(2, "09:00")).status(on(2, "09:00"), "open").agent(on(2, "09:10"))
    story.status(on(2, "10:00"), "solved").customer(on(2, "11:00")).status(on(2, "11:30"), "closed")
    clock = story.agent(on(2, "12:00")).clock()
    assert (clock.started_at, clock.stop_reason, clock.elapsed_seconds) == (on(2, "11:00"), "response", HOUR)


def test_d15_an_automatic_inbound_message_starts_nothing():
    for role in ("bot", "auto_reply", "survey", "system"):
        assert Story(FIRST).say(on(2, "10:00"), role, "inbound").clocks() == []
    story = Story(FIRST).say(on(2, "10:00"), "auto_reply", "inbound").customer(on(2, "11:00"))
    assert story.clock().started_at == on(2, "11:00")


def test_d15_another_customers_message_neither_starts_nor_answers():
    clock = Story(FIRST).say(on(2, "09:00"), "other_customer", "inbound").customer(on(2, "10:00")).clock()
    assert (clock.started_at, clock.stopped_at) == (on(2, "10:00"), None)


# ---- R1–R3: what counts as a response ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "direction", "facts", "human", "any_responder"),
    [
        ("person", "outbound", {}, True, True),
        ("person", "outbound", {"is_public": False}, True, True),
        ("person", "outbound", {"deleted_at": on(3)}, True, True),
        ("bot", "outbound", {}, False, True),
        ("auto_reply", "outbound", {}, False, True),
        ("survey", "outbound", {}, False, False),
        ("system", "outbound", {}, False, False),
        ("person", "internal", {}, False, False),
        ("other_customer", "inbound", {}, False, False),
        ("person", "outbound", {"is_delivered": False}, False, False),
        ("bot", "outbound", {"is_delivered": False}, False, False),
    ],
)
def test_r1_r2_what_counts_as_a_response(role, direction, facts, human, any_responder):
    for responder, counts in (("human", human), ("any", any_responder)):
        story = Story(goal("first_response", responder=responder)).customer(on(2, "10:00"))
        clock = story.say(on(2, "10:30"), role, direction, **facts).clock()
        assert (clock.stopped_at is not None) is counts


def test_r3_a_customers_note_is_an_inbound_message():
    clock = Story(FIRST).say(on(2, "10:00"), "customer", "internal", is_public=False).clock()
    assert (clock.started_at, clock.message_id) == (on(2, "10:00"), "m1")


# ---- M3: resolution ------------------------------------------------------------------------------------------------


def reopened() -> Story:
    """Asked Monday 10:00, solved 11:00; reopened Tuesday 10:00, solved 10:30; then closed on Friday."""
    story = Story().customer(on(2, "10:00")).status(on(2, "10:00"), "new").status(on(2, "11:00"), "solved")
    story.customer(on(3, "10:00")).status(on(3, "10:00"), "open").status(on(3, "10:30"), "solved")
    return story.status(on(6, "10:00"), "closed")


def with_goal(story: Story, metric: str, target: str = "2 hours", **terms: object) -> Story:
    story.world.agreements = Story(goal(metric, target, **terms)).world.agreements
    return story


def test_m3_first_resolution_is_the_first_solved_and_never_runs_again():
    clock = with_goal(reopened(), "first_resolution").clock()
    assert (clock.stopped_at, clock.stop_reason, clock.elapsed_seconds) == (on(2, "11:00"), "solved", HOUR)


def test_m3_full_resolution_is_the_last_solved_with_solved_stretches_inside():
    # Monday 10:00–17:00 = 7 h, Tuesday 09:00–10:30 = 1.5 h.
    clock = with_goal(reopened(), "full_resolution", "9 hours").clock()
    assert (clock.stopped_at, clock.elapsed_seconds, clock.outcome) == (on(3, "10:30"), 8.5 * HOUR, "met")


def test_d6_a_met_full_resolution_runs_again_while_reopened():
    story = with_goal(reopened(), "full_resolution", "9 hours")
    story.world.as_of = on(3, "10:15")
    assert (story.clock().outcome, story.clock().stopped_at) == ("running", None)
    story = with_goal(reopened(), "full_resolution", "9 hours")
    story.world.as_of = on(2, "12:00")
    assert (story.clock().outcome, story.clock().stopped_at) == ("met", on(2, "11:00"))


def test_m3_resolution_cycles_run_from_the_reopening_to_its_solved():
    found = with_goal(reopened(), "resolution_cycle").clocks()
    assert [(c.started_at, c.stopped_at, c.started_by) for c in found] == [
        (on(2, "10:00"), on(2, "11:00"), "first_inbound"),
        (on(3, "10:00"), on(3, "10:30"), "reopened"),
    ]


def test_m3_only_a_status_reopens():
    # A message after solved without a status change: the full resolution stays solved on Monday.
    story = Story(goal("full_resolution")).customer(on(2, "10:00")).status(on(2, "10:00"), "new")
    clock = story.status(on(2, "11:00"), "solved").customer(on(4, "10:00")).clock()
    assert (clock.stopped_at, clock.outcome) == (on(2, "11:00"), "met")


def test_m3_closed_without_solved_counts_as_solved():
    story = Story(goal("first_resolution")).customer(on(2, "10:00")).status(on(2, "10:00"), "open")
    clock = story.status(on(2, "11:00"), "closed").clock()
    assert (clock.stop_reason, clock.outcome) == ("closed", "met")


def test_m3_a_reply_does_not_resolve():
    story = Story(goal("first_resolution")).customer(on(2, "10:00")).status(on(2, "10:00"), "open")
    assert story.agent(on(2, "10:30")).clock().outcome == "missed"


# ---- D8, D16: excluded conversations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason", ["spam", "test", "tolerance", "force_majeure", "agreed_closure", "caused_by_customer"]
)
def test_d8_an_excluded_conversation_is_still_visible_as_a_row(reason):
    clock = Story(FIRST).conversation(flags=frozenset({reason})).customer(on(2, "10:00")).agent(on(2, "11:00")).clock()
    assert (clock.outcome, clock.excluded_reason, clock.decided_at) == ("excluded", reason, None)
    assert clock.elapsed_seconds == HOUR


def test_d16_the_first_reason_that_applies():
    story = Story(FIRST).conversation(flags=frozenset({"caused_by_customer", "test"}), deleted_at=on(5))
    assert story.customer(on(2, "10:00")).clock().excluded_reason == "test"
    story.conversation(flags=frozenset({"caused_by_customer"}))
    assert story.clock().excluded_reason == "deleted"


def test_d16_a_deleted_conversations_clocks_are_excluded_once_as_of_sees_it():
    story = Story(FIRST).conversation(deleted_at=on(5)).customer(on(2, "10:00")).agent(on(2, "11:00"))
    assert story.clock().excluded_reason == "deleted"
    story.world.as_of = on(4)
    assert story.clock().outcome == "met"


def test_invariant_all_hours_business_equals_calendar():
    story = Story(goal("first_response", schedule_id="always"), schedules=(OFFICE, ALWAYS))
    clock = story.customer(on(7, "10:00:07")).agent(on(9, "08:00:59")).clock()
    assert clock.elapsed_business_seconds == clock.elapsed_calendar_seconds == 46 * HOUR + 52
