"""Hand-worked gaps between updates (M5).

Hours Monday–Friday 09:00–17:00 UTC, target 2 business hours unless a test says otherwise; 2 March 2026 is a Monday.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.oracle.story import HOUR, MINUTE, Story, goal, on, version

GAP = goal("periodic_update")
PAUSABLE = goal("pausable_update")


def asked(*goals, at: str = "09:00", **terms) -> Story:
    """Asked on Monday; the conversation is open from then on."""
    return Story(*(goals or (GAP,)), **terms).customer(on(2, at)).status(on(2, at), "open")


def spans(story: Story) -> list[tuple]:
    """(started_by, start, stop, reason) of every gap."""
    return [(c.started_by, c.started_at, c.stopped_at, c.stop_reason) for c in story.clocks()]


def test_m5_from_the_first_inbound_to_the_update_between_updates_and_from_the_last_to_solved():
    story = asked().agent(on(2, "10:00"), message_id="u1").agent(on(2, "12:30"), message_id="u2")
    found = story.status(on(2, "15:00"), "solved").clocks()
    assert spans(story) == [
        ("first_inbound", on(2, "09:00"), on(2, "10:00"), "update"),
        ("update", on(2, "10:00"), on(2, "12:30"), "update"),
        ("update", on(2, "12:30"), on(2, "15:00"), "solved"),
    ]
    assert [(c.cycle_number, c.message_id, c.response_message_id) for c in found] == [
        (1, "m1", "u1"),
        (2, "u1", "u2"),
        (3, "u2", None),
    ]
    assert [(c.outcome, c.elapsed_seconds) for c in found] == [
        ("met", HOUR),
        ("missed", 150 * MINUTE),
        ("missed", 150 * MINUTE),
    ]


def test_m5_the_customers_messages_neither_end_nor_begin_a_gap():
    story = asked().agent(on(2, "10:00")).customer(on(2, "10:30")).customer(on(2, "11:00")).agent(on(2, "11:30"))
    assert [c.started_at for c in story.clocks()] == [on(2, "09:00"), on(2, "10:00"), on(2, "11:30")]


def test_m5_d6_a_gap_without_end_is_running_then_missed():
    for as_of, outcome in ((on(2, "12:00"), "running"), (on(2, "12:00:01"), "missed")):
        clock = asked(as_of=as_of).agent(on(2, "10:00")).clocks()[-1]
        assert (clock.outcome, clock.stopped_at, clock.due_at) == (outcome, None, on(2, "12:00"))


@pytest.mark.parametrize(
    ("role", "direction", "facts", "human", "any_responder"),
    [
        ("person", "outbound", {}, 2, 2),
        ("person", "outbound", {"is_public": False}, 2, 2),
        ("person", "outbound", {"deleted_at": on(3)}, 2, 2),
        ("bot", "outbound", {}, 1, 2),
        ("auto_reply", "outbound", {}, 1, 2),
        ("survey", "outbound", {}, 1, 1),
        ("person", "internal", {"is_public": False}, 1, 1),
        ("person", "outbound", {"is_delivered": False}, 1, 1),
    ],
)
def test_m5_r1_r2_an_update_is_what_counts_as_a_response(role, direction, facts, human, any_responder):
    for responder, count in (("human", human), ("any", any_responder)):
        story = asked(goal("periodic_update", responder=responder)).say(on(2, "10:00"), role, direction, **facts)
        assert len(story.clocks()) == count


def test_m5_after_solved_updates_are_nothing_until_the_reopening():
    story = asked().status(on(2, "10:00"), "solved").agent(on(2, "11:00")).status(on(2, "12:00"), "closed")
    story.status(on(3, "09:00"), "open").agent(on(3, "10:00"), message_id="u").status(on(3, "11:00"), "closed")
    assert spans(story) == [
        ("first_inbound", on(2, "09:00"), on(2, "10:00"), "solved"),
        ("reopened", on(3, "09:00"), on(3, "10:00"), "update"),
        ("update", on(3, "10:00"), on(3, "11:00"), "closed"),
    ]
    assert [(c.cycle_number, c.message_id) for c in story.clocks()] == [(1, "m1"), (2, None), (3, "u")]


def test_m5_a_message_does_not_reopen():
    story = asked().status(on(2, "10:00"), "solved").customer(on(2, "11:00")).agent(on(2, "12:00"))
    assert len(story.clocks()) == 1


def test_m5_solved_at_the_first_inbound_the_first_gap_begins_at_the_reopening():
    story = Story(GAP).status(on(2, "08:00"), "solved").customer(on(2, "09:00")).agent(on(2, "10:00"))
    assert story.clocks() == []
    story.status(on(2, "11:00"), "open").agent(on(2, "12:00"))
    assert spans(story)[0] == ("reopened", on(2, "11:00"), on(2, "12:00"), "update")
    assert [c.cycle_number for c in story.clocks()] == [1, 2]


def test_m5_m1_no_gap_before_the_customer_speaks():
    story = Story(GAP).status(on(2, "08:00"), "new").agent(on(2, "08:00")).agent(on(2, "09:00"))
    assert story.clocks() == []
    story.customer(on(2, "10:00"), message_id="q").agent(on(2, "11:00"))
    assert [(c.started_at, c.message_id) for c in story.clocks()] == [(on(2, "10:00"), "q"), (on(2, "11:00"), "m5")]


def test_m5_no_status_yet_is_unsolved():
    story = Story(GAP).customer(on(2, "09:00")).agent(on(2, "10:00")).status(on(2, "11:00"), "solved")
    assert [c.stop_reason for c in story.clocks()] == ["update", "solved"]


# ---- the pausable kind ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("terms", "elapsed", "paused"), [(GAP, 5, 0), (PAUSABLE, 3, 2)])
def test_m5_the_pausable_kind_leaves_out_waiting_on_the_customer(terms, elapsed, paused):
    story = asked(terms).status(on(2, "10:00"), "pending").status(on(2, "12:00"), "on_hold")
    clock = story.status(on(2, "14:00"), "solved").clock()
    assert (clock.elapsed_seconds, clock.paused_seconds) == (elapsed * HOUR, paused * HOUR)


def test_m5_the_goals_own_pauses_come_on_top():
    terms = goal("pausable_update", pause_statuses=frozenset({"on_hold"}))
    story = asked(terms).status(on(2, "10:00"), "pending").status(on(2, "12:00"), "on_hold")
    assert story.status(on(2, "14:00"), "solved").clock().elapsed_seconds == HOUR
    story = asked(goal("periodic_update", pause_statuses=frozenset({"on_hold"}))).status(on(2, "12:00"), "on_hold")
    assert story.status(on(2, "14:00"), "solved").clock().elapsed_seconds == 3 * HOUR


def test_m5_an_update_while_pending_begins_a_gap_that_rests():
    story = asked(PAUSABLE, as_of=on(5)).status(on(2, "09:30"), "pending").agent(on(2, "10:00"))
    assert [(c.outcome, c.elapsed_seconds, c.due_at) for c in story.clocks()] == [
        ("met", 30 * MINUTE, on(2, "11:30")),
        ("paused", 0, None),
    ]


# ---- D4, D9, D10, D14 ----------------------------------------------------------------------------------------------


def test_m5_d4_each_gap_has_the_terms_of_its_own_start():
    story = asked().agent(on(2, "16:30")).agent(on(3, "10:00"))
    story.world.agreements = [
        version(GAP, last=date(2026, 3, 2)),
        version(goal("periodic_update", "1 hours"), number=2, first=date(2026, 3, 3)),
    ]
    assert [(c.version, c.target_seconds) for c in story.clocks()] == [(1, 2 * HOUR), (1, 2 * HOUR), (2, HOUR)]


def test_m5_d14_update_and_solved_in_one_second():
    # The update comes first: a gap of no time follows it, which solved ends.
    story = asked().agent(on(2, "10:00")).status(on(2, "10:00"), "solved")
    assert spans(story)[1] == ("update", on(2, "10:00"), on(2, "10:00"), "solved")
    assert [c.outcome for c in story.clocks()] == ["met", "met"]


def test_m5_d14_by_the_sources_order_solved_comes_first():
    story = Story(GAP).customer(on(2, "09:00"), source_order=1)
    story.status(on(2, "10:00"), "solved").agent(on(2, "10:00"), source_order=9_000)
    assert spans(story) == [("first_inbound", on(2, "09:00"), on(2, "10:00"), "solved")]


def test_m5_d14_solved_in_the_second_of_the_first_message_comes_after_it():
    story = Story(GAP).customer(on(2, "09:00")).status(on(2, "09:00"), "solved")
    assert spans(story) == [("first_inbound", on(2, "09:00"), on(2, "09:00"), "solved")]


def test_m5_d14_an_update_that_is_put_behind_its_message_ends_the_gap_there():
    story = asked(at="10:00").agent(on(2, "09:59:58"), replies_to="m1").agent(on(2, "11:00"))
    assert spans(story)[:2] == [
        ("first_inbound", on(2, "10:00"), on(2, "10:00"), "update"),
        ("update", on(2, "10:00"), on(2, "11:00"), "update"),
    ]
    assert [c.is_clock_skewed for c in story.clocks()] == [True, False, False]


def test_m5_d10_received_at_moves_only_the_start_of_the_first_gap():
    story = Story(goal("periodic_update", subject="team")).customer(on(2, "09:00"), received_at=on(2, "09:30"))
    found = story.agent(on(2, "09:10")).agent(on(2, "10:00")).clocks()
    assert sorted((c.cycle_number, c.started_at, c.stopped_at, c.is_clock_skewed) for c in found) == [
        (1, on(2, "09:30"), on(2, "09:30"), True),
        (2, on(2, "09:10"), on(2, "10:00"), False),
        (3, on(2, "10:00"), None, False),
    ]


def test_m5_d9_the_childs_open_gap_is_excluded_and_those_before_stand():
    story = asked().merge("c", "parent", on(2, "12:00")).conversation("parent").agent(on(2, "10:00"))
    story.agent(on(2, "12:00")).status(on(2, "12:00"), "closed").agent(on(2, "12:00:01"))
    assert [(c.stopped_at, c.stop_reason, c.excluded_reason) for c in story.clocks("c")] == [
        (on(2, "10:00"), "update", None),
        (on(2, "12:00"), "update", None),  # in the second of the merge
        (None, "merged", "merged"),  # and the status of that second is the merge's own
    ]


def test_m5_d9_a_parent_with_messages_of_its_own_keeps_its_gaps():
    story = asked().merge("child", "c", on(2, "12:00")).customer(on(2, "08:00"), "child").agent(on(2, "10:00"))
    assert [c.started_at for c in story.clocks("c")] == [on(2, "09:00"), on(2, "10:00")]


def test_m5_d9_a_thread_of_the_company_begins_its_first_gap_with_the_moved_message():
    # Only updates after the merge end it.
    story = Story(GAP).merge("child", "parent", on(2, "12:00")).agent(on(2, "09:00"), "parent")
    story.customer(on(2, "10:00"), "child", message_id="q").agent(on(2, "11:00"), "parent")
    story.agent(on(2, "12:00"), "parent").agent(on(2, "13:00"), "parent")
    found = story.clocks("parent")
    assert [(c.started_by, c.started_at, c.stopped_at) for c in found] == [
        ("moved_by_merge", on(2, "10:00"), on(2, "13:00")),
        ("update", on(2, "13:00"), None),
    ]
    assert found[0].message_id == "q"


def test_m5_d9_a_message_moved_into_a_solved_parent_waits_for_the_reopening():
    story = Story(GAP).merge("child", "parent", on(2, "12:00")).customer(on(2, "10:00"), "child")
    story.status(on(2, "09:00"), "open", "parent").status(on(2, "11:00"), "solved", "parent")
    assert story.clocks("parent") == []
    story.status(on(2, "14:00"), "open", "parent")
    assert [(c.started_by, c.started_at) for c in story.clocks("parent")] == [("reopened", on(2, "14:00"))]


def test_m5_d9_what_moves_is_what_the_goals_responder_has_not_answered():
    # A bot answered the child: by `any` nothing is unanswered, by `human` the message moves.
    for responder, count in (("any", 0), ("human", 1)):
        story = Story(goal("periodic_update", responder=responder)).merge("child", "parent", on(2, "12:00"))
        story.customer(on(2, "10:00"), "child").say(on(2, "10:01"), "bot", "outbound", "child").conversation("parent")
        assert len(story.clocks("parent")) == count


def test_m5_d8_an_excluded_conversation_keeps_its_gaps_as_rows():
    story = asked().conversation(flags=frozenset({"spam"})).agent(on(2, "10:00"))
    assert [c.excluded_reason for c in story.clocks()] == ["spam", "spam"]
