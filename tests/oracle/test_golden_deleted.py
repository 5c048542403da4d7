"""Hand-worked deletions of one message, for every metric (D16), and conversations split off others (D9).

Hours Monday–Friday 09:00–17:00 UTC, target 2 business hours unless a test says otherwise; 2 March 2026 is a Monday.
The deletions of a first-response turn are in `test_golden_changes`.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.oracle.model import AgreementVersion
from tests.oracle.story import DAY, HOUR, MINUTE, Story, goal, on, version

NEXT = goal("next_response")
RESOLUTIONS = ("first_resolution", "full_resolution", "resolution_cycle", "requester_wait", "agent_work")
UPDATES = ("periodic_update", "pausable_update")


def second_turn(*goals, **terms) -> Story:
    """The first turn is over by 09:10."""
    return Story(*(goals or (NEXT,)), **terms).customer(on(2, "09:00")).agent(on(2, "09:10"))


def test_d16_a_later_turn_starts_with_the_next_message_too():
    story = second_turn().customer(on(2, "10:00"), deleted_at=on(2, "10:40"))
    clock = story.customer(on(2, "10:30"), message_id="q").agent(on(2, "12:15")).clock()
    assert (clock.started_at, clock.message_id, clock.started_by) == (on(2, "10:30"), "q", "inbound_turn")
    assert (clock.outcome, clock.elapsed_seconds, clock.cycle_number) == ("met", 105 * MINUTE, 1)


def test_d16_also_one_that_came_after_the_deletion():
    story = second_turn().customer(on(2, "10:00"), deleted_at=on(2, "10:10")).customer(on(2, "10:30"))
    clock = story.agent(on(2, "11:00")).clock()  # one row: the turn went on
    assert (clock.started_at, clock.outcome) == (on(2, "10:30"), "met")


def test_d16_none_left_is_one_row_of_the_turns_first_message():
    story = second_turn().customer(on(2, "10:00"), message_id="q", deleted_at=on(2, "10:10"))
    clock = story.customer(on(2, "10:30"), deleted_at=on(2, "10:50")).agent(on(2, "11:00"), message_id="a").clock()
    assert (clock.outcome, clock.excluded_reason, clock.decided_at) == ("excluded", "deleted", None)
    assert (clock.started_at, clock.message_id, clock.started_by) == (on(2, "10:00"), "q", "inbound_turn")
    assert (clock.stopped_at, clock.stop_reason, clock.response_message_id) == (on(2, "11:00"), "response", "a")
    assert (clock.elapsed_seconds, clock.version, clock.due_at) == (HOUR, 1, on(2, "12:00"))


def test_d16_none_left_in_an_open_turn_is_measured_to_as_of():
    clock = Story(goal("first_response"), as_of=on(2, "11:00")).customer(on(2, "10:00"), deleted_at=on(2, "10:10"))
    assert (clock.clock().excluded_reason, clock.clock().stopped_at, clock.clock().elapsed_seconds) == (
        "deleted",
        None,
        HOUR,
    )


def test_d16_each_message_is_judged_by_a_clock_from_itself():
    # m3 leaves at 10:10 in time; m4's own 2 h are over at 12:30, so at 13:00 it stays, though the clock was m3's once.
    story = second_turn().customer(on(2, "10:00"), deleted_at=on(2, "10:10"))
    clock = story.customer(on(2, "10:30"), message_id="q", deleted_at=on(2, "13:00")).agent(on(2, "14:00")).clock()
    assert (clock.message_id, clock.outcome, clock.elapsed_seconds) == ("q", "missed", 210 * MINUTE)


def test_d16_the_older_one_stays_past_due_and_the_turn_with_it():
    story = second_turn().customer(on(2, "10:00"), deleted_at=on(2, "12:00:01"))
    clock = story.customer(on(2, "10:30"), deleted_at=on(2, "10:40")).agent(on(2, "14:00")).clock()
    assert (clock.started_at, clock.outcome) == (on(2, "10:00"), "missed")


def test_d16_past_due_is_each_goals_own():
    story = Story().customer(on(2, "10:00"), deleted_at=on(2, "12:00")).customer(on(2, "10:30"))
    story.agent(on(2, "13:00"))
    both = (goal("first_response", "1 hours"), goal("first_response", "4 hours"))
    for terms, start in zip(both, ("10:00", "10:30"), strict=True):
        story.world.agreements = [version(terms)]
        assert story.clock().started_at == on(2, start)


@pytest.mark.parametrize(("deleted", "start"), [("11:59:59", "10:30"), ("12:00", "10:00")])
def test_d16_d19_past_due_by_the_target_in_force_at_the_deletion(deleted, start):
    # Normal (4 h) until 12:00, then urgent (1 h), which is missed from that second on; low (8 h) changes nothing more.
    story = Story(goal("first_response", "urgent=1 hours, normal=4 hours, low=8 hours"))
    story.customer(on(2, "10:00"), deleted_at=on(2, deleted)).customer(on(2, "10:30")).priority(
        on(2, "09:00"), "normal"
    )
    story.priority(on(2, "12:00"), "urgent").priority(on(2, "12:30"), "low").agent(on(2, "13:00"))
    assert story.clock().started_at == on(2, start)


def test_d16_d17_past_due_with_the_pauses_out():
    # Pending 10:30–14:30: at 15:00 1 h is used of 2 h.
    story = Story(goal("first_response", pause_statuses=frozenset({"pending"})))
    story.customer(on(2, "10:00"), deleted_at=on(2, "15:00")).customer(on(2, "10:10")).status(on(2, "10:30"), "pending")
    assert story.status(on(2, "14:30"), "open").agent(on(2, "16:00")).clock().started_at == on(2, "10:10")


def test_d16_d18_the_next_message_brings_the_terms_of_its_own_start():
    story = Story().customer(on(2, "16:00"), deleted_at=on(3, "09:10")).customer(on(3, "09:00")).agent(on(3, "10:00"))
    longer = goal("first_response", "4 hours")
    story.world.agreements = [
        version(goal("first_response"), last=date(2026, 3, 2)),
        version(longer, number=2, first=date(2026, 3, 3)),
    ]
    assert (story.clock().version, story.clock().target_seconds) == (2, 4 * HOUR)


def test_d16_d18_where_nothing_is_promised_nothing_is_past_due():
    story = Story().customer(on(2, "10:00"), deleted_at=on(4, "10:00")).customer(on(3, "10:00")).agent(on(4, "11:00"))
    story.world.agreements = [version(goal("first_response", "1 days"), first=date(2026, 3, 3))]
    assert (story.clock().started_at, story.clock().version) == (on(3, "10:00"), 1)


def test_d16_d15_a_turn_that_is_closed_is_measured_from_the_message_that_starts_it():
    # From 10:00 the closing at 13:00 would be past due; from 12:30 it is not.
    story = second_turn().status(on(2, "09:00"), "open").customer(on(2, "10:00"), deleted_at=on(2, "10:10"))
    clock = story.customer(on(2, "12:30")).status(on(2, "13:00"), "solved").clock()
    assert (clock.started_at, clock.excluded_reason) == (on(2, "12:30"), "closed_without_reply")


def test_d16_d10_a_teams_turn_starts_when_the_next_was_received():
    story = Story(goal("first_response", subject="team")).customer(on(2, "10:00"), deleted_at=on(2, "10:50"))
    clock = story.customer(on(2, "10:10"), received_at=on(2, "11:00")).agent(on(2, "10:55")).clock()
    assert (clock.started_at, clock.stopped_at, clock.is_clock_skewed) == (on(2, "11:00"), on(2, "11:00"), True)


# ---- resolution, waiting, work -------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", RESOLUTIONS)
def test_d16_a_resolution_starts_with_the_next_message(metric):
    story = Story(goal(metric)).customer(on(2, "10:00"), deleted_at=on(2, "10:40")).status(on(2, "10:00"), "open")
    clock = story.customer(on(2, "10:30"), message_id="q").status(on(2, "12:15"), "solved").clock()
    assert (clock.started_at, clock.message_id, clock.started_by) == (on(2, "10:30"), "q", "first_inbound")
    assert (clock.outcome, clock.elapsed_seconds) == ("met", 105 * MINUTE)


@pytest.mark.parametrize("metric", RESOLUTIONS)
def test_d16_an_answer_is_no_stop_of_a_resolution(metric):
    story = Story(goal(metric)).customer(on(2, "10:00"), deleted_at=on(2, "11:00")).agent(on(2, "10:30"))
    clock = story.customer(on(2, "10:40")).status(on(2, "11:30"), "solved").clock()
    assert clock.started_at == on(2, "10:40")


@pytest.mark.parametrize("metric", RESOLUTIONS)
@pytest.mark.parametrize(("deleted", "start"), [("10:59:59", "10:10"), ("11:00", "10:00"), ("15:00", "10:00")])
def test_d16_after_the_first_solved_nothing_changes_also_where_it_runs_again(metric, deleted, start):
    # Solved at 11:00, open again at 14:00.
    story = Story(goal(metric, "8 hours")).customer(on(2, "10:00"), deleted_at=on(2, deleted)).customer(on(2, "10:10"))
    story.status(on(2, "10:00"), "open").status(on(2, "11:00"), "solved").status(on(2, "14:00"), "open")
    assert story.clocks()[0].started_at == on(2, start)


@pytest.mark.parametrize("metric", RESOLUTIONS)
def test_d16_a_message_after_the_first_solved_does_not_start_it(metric):
    story = Story(goal(metric)).customer(on(2, "10:00"), message_id="q", deleted_at=on(2, "10:10"))
    story.status(on(2, "10:00"), "open").status(on(2, "11:00"), "solved").customer(on(2, "14:00"))
    found = story.status(on(2, "14:00"), "open").status(on(2, "15:00"), "solved").clocks()
    assert (found[0].excluded_reason, found[0].started_at, found[0].message_id) == ("deleted", on(2, "10:00"), "q")
    # The cycle that a reopening began has no message that could be deleted.
    assert [c.excluded_reason for c in found[1:]] == ([None] if metric == "resolution_cycle" else [])


@pytest.mark.parametrize("metric", RESOLUTIONS)
def test_d16_a_resolution_past_due_stays(metric):
    story = Story(goal(metric)).customer(on(2, "10:00"), deleted_at=on(2, "12:00:01")).customer(on(2, "10:30"))
    assert (story.clock().started_at, story.clock().outcome) == (on(2, "10:00"), "missed")


def test_d16_work_past_due_is_measured_without_its_rests():
    # On hold 10:30–14:30: at 15:00 1 h of work and 5 h of waiting are used of 2 h.
    for metric, start in (("agent_work", "10:10"), ("requester_wait", "10:00")):
        story = Story(goal(metric)).customer(on(2, "10:00"), deleted_at=on(2, "15:00")).customer(on(2, "10:10"))
        story.status(on(2, "10:00"), "open").status(on(2, "10:30"), "on_hold").status(on(2, "14:30"), "open")
        assert story.clock().started_at == on(2, start)


# ---- gaps between updates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", UPDATES)
def test_d16_the_first_gap_starts_with_the_next_message(metric):
    story = Story(goal(metric)).customer(on(2, "10:00"), deleted_at=on(2, "10:40"))
    story.customer(on(2, "10:30"), message_id="q").agent(on(2, "11:00")).agent(on(2, "12:00"))
    assert [(c.cycle_number, c.started_at, c.started_by) for c in story.clocks()] == [
        (1, on(2, "10:30"), "first_inbound"),
        (2, on(2, "11:00"), "update"),
        (3, on(2, "12:00"), "update"),
    ]


@pytest.mark.parametrize("metric", UPDATES)
def test_d16_after_the_first_update_nothing_changes(metric):
    story = Story(goal(metric)).customer(on(2, "10:00"), deleted_at=on(2, "11:00")).customer(on(2, "10:30"))
    assert story.agent(on(2, "11:00")).clocks()[0].started_at == on(2, "10:00")


@pytest.mark.parametrize("metric", UPDATES)
def test_d16_none_left_excludes_the_first_gap_alone(metric):
    story = Story(goal(metric)).customer(on(2, "10:00"), message_id="q", deleted_at=on(2, "10:40"))
    found = story.agent(on(2, "11:00")).customer(on(2, "11:30")).clocks()
    assert [(c.excluded_reason, c.started_at, c.stopped_at) for c in found] == [
        ("deleted", on(2, "10:00"), on(2, "11:00")),
        (None, on(2, "11:00"), None),
    ]
    assert found[0].message_id == "q"


@pytest.mark.parametrize("metric", UPDATES)
def test_d16_an_update_that_is_deleted_still_ends_and_begins_a_gap(metric):
    story = Story(goal(metric)).customer(on(2, "10:00")).agent(on(2, "11:00"), deleted_at=on(2, "11:10"))
    assert [c.started_at for c in story.clocks()] == [on(2, "10:00"), on(2, "11:00")]


# ---- D9 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("deleted", "moved"), [("12:00", "q2"), ("12:00:01", "q1")])
def test_d16_d9_what_is_deleted_by_the_merge_does_not_move(deleted, moved):
    # q1 is past due when it is deleted (2 h from 09:00): the child's clock keeps it, and it moves only if it is there.
    story = Story(goal("first_response")).merge("child", "parent", on(2, "12:00")).conversation("parent")
    story.customer(on(2, "09:00"), "child", message_id="q1", deleted_at=on(2, deleted))
    story.customer(on(2, "11:00"), "child", message_id="q2")
    assert (story.clock("parent").message_id, story.clock("child").message_id) == (moved, "q1")


def test_d16_d9_the_child_s_message_that_left_before_the_merge_makes_deleted_the_reason():
    story = Story(goal("first_response")).merge("child", "parent", on(2, "12:00")).conversation("parent")
    story.customer(on(2, "11:00"), "child", deleted_at=on(2, "12:00"))
    assert (story.clock("child").excluded_reason, story.clocks("parent")) == ("deleted", [])
    later = Story(goal("first_response")).merge("child", "parent", on(2, "12:00")).conversation("parent")
    later.customer(on(2, "11:00"), "child", deleted_at=on(2, "12:00:01"))
    # It moved, and left the parent's turn then.
    assert (later.clock("child").excluded_reason, later.clock("parent").excluded_reason) == ("merged", "deleted")
    assert later.clock("parent").started_by == "moved_by_merge"


def test_d16_d9_a_moved_message_leaves_the_parents_turn_for_the_next():
    story = Story(goal("first_response")).merge("child", "parent", on(2, "10:30")).customer(on(2, "10:10"), "parent")
    story.customer(on(2, "10:00"), "child", deleted_at=on(2, "10:40"))
    clock = story.agent(on(2, "11:00"), "parent").clock("parent")
    assert (clock.started_at, clock.started_by) == (on(2, "10:10"), "first_inbound")


def of_two_versions() -> list[AgreementVersion]:
    return [
        version(goal("first_response"), last=date(2026, 3, 2)),
        version(goal("first_response", "1 hours"), number=2, first=date(2026, 3, 3)),
    ]


def test_d9_split_the_clock_starts_at_the_moved_messages_own_time():
    # Asked on Monday at 16:30 in another conversation; this one was made for it on Tuesday at 10:00, answered 10:15.
    story = Story().conversation(created_at=on(3, "10:00")).customer(on(2, "16:30"))
    story.status(on(3, "10:00"), "open").priority(on(3, "10:00"), "urgent").agent(on(3, "10:15"))
    story.world.agreements = of_two_versions()
    clock = story.clock()
    assert (clock.started_at, clock.started_by, clock.elapsed_seconds) == (
        on(2, "16:30"),
        "first_inbound",
        105 * MINUTE,
    )
    # The terms are those of that time (D4); nobody had the conversation, it had no priority.
    assert (clock.version, clock.outcome, clock.priority_at_start, clock.team_id) == (1, "met", None, None)


def test_d9_split_every_metric_starts_there():
    for metric in ("full_resolution", "agent_work", "periodic_update", "ownership_time"):
        story = Story(goal(metric, subject="team")).conversation(created_at=on(3, "10:00")).customer(on(2, "16:30"))
        story.assign(on(2, "16:00"), "a").status(on(3, "10:00"), "open")
        assert story.clock().started_at == on(2, "16:30")
        assert story.clock().elapsed_calendar_seconds == on(20) - on(2, "16:30") == 17 * DAY + 450 * MINUTE
