"""Hand-worked requester wait and agent work (M4), and the team and person of a clock (D4, P4).

Hours Monday–Friday 09:00–17:00 UTC, target 2 business hours unless a test says otherwise; 2 March 2026 is a Monday.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.oracle.clocks import Clock
from tests.oracle.story import HOUR, MINUTE, Story, goal, on, version

WAIT = goal("requester_wait", "8 hours")
WORK = goal("agent_work", "8 hours")


def told(story: Story) -> Story:
    """Monday: asked 09:00 (new), open 10:00, pending 11:00, on hold 13:00, open 14:00, solved 15:00."""
    story.customer(on(2, "09:00")).status(on(2, "09:00"), "new").status(on(2, "10:00"), "open")
    story.status(on(2, "11:00"), "pending").status(on(2, "13:00"), "on_hold").status(on(2, "14:00"), "open")
    return story.status(on(2, "15:00"), "solved")


@pytest.mark.parametrize(
    ("terms", "hours", "paused"),
    [(goal("full_resolution"), 6, 0), (WAIT, 4, 2), (WORK, 3, 3)],
)
def test_m4_wait_is_new_open_and_on_hold_work_is_new_and_open(terms, hours, paused):
    clock = told(Story(terms)).clock()
    assert (clock.elapsed_seconds, clock.paused_seconds) == (hours * HOUR, paused * HOUR)
    assert (clock.started_at, clock.stopped_at, clock.stop_reason) == (on(2, "09:00"), on(2, "15:00"), "solved")
    assert (clock.started_by, clock.message_id, clock.cycle_number) == ("first_inbound", "m1", 1)


def test_m4_the_goals_own_pauses_come_on_top():
    own = {"pause_statuses": frozenset({"new"})}
    assert told(Story(goal("requester_wait", **own))).clock().elapsed_seconds == 3 * HOUR
    assert told(Story(goal("agent_work", **own))).clock().elapsed_seconds == 2 * HOUR


def test_m4_solved_time_before_a_reopening_does_not_count():
    # Monday 10:00–11:00 and Tuesday 10:00–10:30; the full resolution has 8 h 30.
    for metric in ("requester_wait", "agent_work"):
        story = Story(goal(metric)).customer(on(2, "10:00")).status(on(2, "10:00"), "new")
        story.status(on(2, "11:00"), "solved").status(on(3, "10:00"), "open").status(on(3, "10:30"), "closed")
        clock = story.clock()
        assert (clock.stopped_at, clock.stop_reason, clock.outcome) == (on(3, "10:30"), "closed", "met")
        assert (clock.elapsed_seconds, clock.elapsed_calendar_seconds) == (90 * MINUTE, 90 * MINUTE)
        assert clock.paused_seconds == 23 * HOUR


def test_m4_it_runs_again_while_reopened():
    for as_of, outcome, elapsed in (
        (on(3, "09:00"), "met", 60),
        (on(3, "10:15"), "running", 75),
        (on(3, "12:00"), "missed", 180),
    ):
        story = Story(goal("agent_work"), as_of=as_of).customer(on(2, "10:00")).status(on(2, "10:00"), "new")
        clock = story.status(on(2, "11:00"), "solved").status(on(3, "10:00"), "open").clock()
        assert (clock.outcome, clock.elapsed_seconds) == (outcome, elapsed * MINUTE)


def test_m4_a_rest_moves_due_and_shows_as_paused():
    # 1 h of work until 11:00, pending until 13:00, so 2 h are used up at 14:00.
    def story(as_of: int) -> Story:
        told = Story(goal("agent_work"), as_of=as_of).customer(on(2, "10:00")).status(on(2, "10:00"), "open")
        return told.status(on(2, "11:00"), "pending").status(on(2, "13:00"), "on_hold").status(on(2, "13:00"), "open")

    assert (story(on(2, "12:00")).clock().outcome, story(on(2, "12:00")).clock().due_at) == ("paused", None)
    assert (story(on(2, "13:30")).clock().outcome, story(on(2, "13:30")).clock().due_at) == ("running", on(2, "14:00"))
    assert story(on(2, "15:00")).clock().decided_at == on(2, "14:00")


def test_m4_on_hold_is_the_requesters_wait_and_nobodys_work():
    for metric, outcome in (("requester_wait", "running"), ("agent_work", "paused")):
        story = Story(goal(metric), as_of=on(2, "10:30")).customer(on(2, "10:00")).status(on(2, "10:00"), "on_hold")
        assert story.clock().outcome == outcome


def test_m4_no_status_yet_counts_as_new_and_is_no_pause():
    # Created without a status; open at 11:00, solved at 12:00. Also where the goal rests in `new`.
    for pauses in (frozenset(), frozenset({"new"})):
        story = Story(goal("agent_work", pause_statuses=pauses)).customer(on(2, "10:00"))
        clock = story.status(on(2, "11:00"), "open").status(on(2, "12:00"), "solved").clock()
        assert (clock.elapsed_seconds, clock.paused_seconds) == (2 * HOUR, 0)


def test_m4_solved_when_the_customer_speaks_rests_until_the_reopening():
    story = Story(goal("agent_work")).status(on(2, "09:00"), "solved").customer(on(2, "10:00"))
    assert (story.clock().outcome, story.clock().due_at, story.clock().elapsed_seconds) == ("paused", None, 0)
    clock = story.status(on(2, "13:00"), "open").status(on(2, "14:00"), "solved").clock()
    assert (clock.started_at, clock.elapsed_seconds, clock.outcome) == (on(2, "10:00"), HOUR, "met")


def test_m4_conversations_without_statuses_have_no_such_clock():
    for metric in ("requester_wait", "agent_work", "periodic_update", "pausable_update", "ownership_time"):
        story = Story(goal(metric, subject="team")).customer(on(2, "10:00")).assign(on(2, "09:00"), "a")
        assert len(story.clocks()) == 1
        assert story.conversation(has_status=False).clocks() == []


def test_m4_d9_a_merged_child_is_excluded_and_the_parent_takes_the_moved_start():
    story = Story(WORK).merge("child", "parent", on(2, "12:00")).customer(on(2, "10:00"), "child")
    story.status(on(2, "10:00"), "new", "child").agent(on(2, "09:00"), "parent")
    clock = story.status(on(2, "09:00"), "pending", "parent").status(on(2, "11:00"), "open", "parent").clock("parent")
    assert story.clock("child").excluded_reason == "merged"
    # The parent's history holds for the older start too: pending until 11:00.
    assert (clock.started_at, clock.started_by, clock.paused_seconds) == (on(2, "10:00"), "moved_by_merge", HOUR)


def test_m4_d19_a_priority_changes_the_target_by_the_work_done_until_then():
    # 10:00 open, pending 10:30–12:30: at 12:40 40 min are used: urgent's 1 h is due at 13:00.
    story = Story(goal("agent_work", "urgent=1 hours, normal=4 hours")).customer(on(2, "10:00"))
    story.status(on(2, "10:00"), "open").status(on(2, "10:30"), "pending").status(on(2, "12:30"), "open")
    clock = story.priority(on(2, "10:00"), "normal").priority(on(2, "12:40"), "urgent").clock()
    assert (clock.due_at, clock.target_seconds, clock.outcome) == (on(2, "13:00"), HOUR, "missed")


# ---- D4, P4: the team and the person as of the start -----------------------------------------------------------------


def who(story: Story) -> tuple[str | None, str | None]:
    clock: Clock = story.clock()
    return clock.team_id, clock.team_member_id


def held(*, people: bool) -> Story:
    story = Story().customer(on(2, "10:00")).agent(on(2, "11:00"))
    story.world.agreements = [replace(version(goal("first_response")), measures_people=people)]
    return story


def test_d4_the_team_is_that_of_the_start_and_a_hand_over_resets_nothing():
    story = held(people=True).assign(on(2, "09:00"), "a", "a1").assign(on(2, "10:00:01"), "b", "b1")
    assert who(story) == ("a", "a1")
    assert story.clock().elapsed_seconds == HOUR


def test_d4_the_last_assignment_of_the_starts_second_holds():
    story = held(people=True).assign(on(2, "10:00"), "a", "a1").assign(on(2, "10:00"), "b", "b1")
    assert who(story) == ("b", "b1")
    assert who(story.assign(on(2, "10:00"), None)) == (None, None)


def test_d4_nobody_yet_is_null():
    assert who(held(people=True)) == (None, None)
    assert who(held(people=True).assign(on(2, "10:30"), "a", "a1")) == (None, None)


def test_p4_a_person_is_named_only_where_the_agreement_measures_people():
    assert who(held(people=False).assign(on(2, "09:00"), "a", "a1")) == ("a", None)


def test_p4_it_is_the_version_in_force_that_says_so():
    story = held(people=False).assign(on(2, "09:00"), "a", "a1")
    (first,) = story.world.agreements
    later = replace(first, version=2, measures_people=True, valid_from=date(2026, 3, 2))
    story.world.agreements = [replace(first, valid_to=date(2026, 3, 1)), later]
    assert who(story) == ("a", "a1")


def test_d4_where_no_agreement_is_in_force_the_team_stands_and_the_person_does_not():
    story = held(people=True).assign(on(2, "09:00"), "a", "a1")
    story.world.agreements = [replace(story.world.agreements[0], valid_to=date(2026, 3, 1))]
    assert story.clock().excluded_reason == "no_agreement"
    assert who(story) == ("a", None)


def test_d4_the_team_counts_at_received_at_where_the_goal_is_on_a_team():
    story = Story(goal("first_response", subject="team")).customer(on(2, "10:00"), received_at=on(2, "10:20"))
    assert who(story.assign(on(2, "09:00"), "a").assign(on(2, "10:10"), "b")) == ("b", None)
