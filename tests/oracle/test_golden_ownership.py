"""Hand-worked ownership: how long one team holds an unsolved conversation (`ownership_time`).

Hours Monday–Friday 09:00–17:00 UTC, target 2 business hours unless a test says otherwise; 2 March 2026 is a Monday.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.oracle.story import HOUR, Story, goal, on, version

OWNED = goal("ownership_time", subject="team")


def asked(*goals, **terms) -> Story:
    """Team a has the conversation since 08:00, the customer asks on Monday at 10:00."""
    story = Story(*(goals or (OWNED,)), **terms).assign(on(2, "08:00"), "a")
    return story.customer(on(2, "10:00")).status(on(2, "10:00"), "open")


def spans(story: Story, conversation: str = "c") -> list[tuple]:
    """(team, started_by, start, stop, reason) of every stretch."""
    found = story.clocks(conversation)
    return [(c.team_id, c.started_by, c.started_at, c.stopped_at, c.stop_reason) for c in found]


def test_ownership_one_clock_a_stretch_in_which_one_team_holds_it():
    story = asked().assign(on(2, "11:00"), "b").assign(on(2, "12:00"), None).assign(on(2, "13:00"), "c")
    story.status(on(2, "14:00"), "solved").status(on(2, "15:00"), "open")
    assert spans(story) == [
        ("a", "first_inbound", on(2, "10:00"), on(2, "11:00"), "handed_over"),
        ("b", "assigned", on(2, "11:00"), on(2, "12:00"), "unassigned"),
        ("c", "assigned", on(2, "13:00"), on(2, "14:00"), "solved"),
        ("c", "reopened", on(2, "15:00"), None, None),
    ]
    assert [(c.cycle_number, c.message_id, c.outcome) for c in story.clocks()] == [
        (1, "m2", "met"),
        (2, None, "met"),
        (3, None, "met"),
        (4, None, "missed"),
    ]


def test_ownership_a_change_of_member_alone_is_nothing():
    story = asked().assign(on(2, "10:30"), "a", "a1").assign(on(2, "11:00"), "a", "a2")
    assert spans(story) == [("a", "first_inbound", on(2, "10:00"), None, None)]


def test_ownership_messages_are_nothing():
    story = asked().agent(on(2, "10:30")).customer(on(2, "11:00"))
    assert len(story.clocks()) == 1


def test_ownership_nobody_has_it():
    story = Story(OWNED).customer(on(2, "10:00"))
    assert story.clocks() == []
    assert spans(story.assign(on(2, "12:00"), "b")) == [("b", "assigned", on(2, "12:00"), None, None)]


def test_ownership_m1_no_clock_before_the_customer_speaks():
    story = Story(OWNED).assign(on(2, "08:00"), "a").agent(on(2, "08:00")).assign(on(2, "09:00"), "b")
    assert story.clocks() == []
    assert spans(story.customer(on(2, "10:00"))) == [("b", "first_inbound", on(2, "10:00"), None, None)]


def test_ownership_d10_it_counts_from_when_the_company_had_the_message():
    story = Story(OWNED).assign(on(2, "08:00"), "a").customer(on(2, "10:00"), received_at=on(2, "10:30"))
    story.assign(on(2, "10:20"), "b").status(on(2, "10:10"), "solved").status(on(2, "10:25"), "open")
    assert spans(story) == [("b", "first_inbound", on(2, "10:30"), None, None)]


def test_ownership_in_the_second_of_the_start():
    # Assigned and asked in one second: it held it at the start. Solved in that second: it did not.
    story = Story(OWNED).customer(on(2, "10:00")).assign(on(2, "10:00"), "a")
    assert spans(story) == [("a", "first_inbound", on(2, "10:00"), None, None)]
    assert spans(story.status(on(2, "10:00"), "solved")) == []


def test_ownership_solved_wins_over_a_hand_over_in_one_second():
    story = asked().assign(on(2, "11:00"), "b").status(on(2, "11:00"), "solved")
    assert spans(story) == [("a", "first_inbound", on(2, "10:00"), on(2, "11:00"), "solved")]
    story = asked().status(on(2, "11:00"), "closed").assign(on(2, "11:00"), None)
    assert [c.stop_reason for c in story.clocks()] == ["closed"]


def test_ownership_assigned_wins_over_reopened_in_one_second():
    story = asked().status(on(2, "11:00"), "solved").status(on(2, "12:00"), "open").assign(on(2, "12:00"), "b")
    assert spans(story)[1] == ("b", "assigned", on(2, "12:00"), None, None)


def test_ownership_what_changes_hands_while_solved_is_reopened_for_whom_has_it_then():
    story = asked().status(on(2, "11:00"), "solved").assign(on(2, "12:00"), "b").status(on(2, "13:00"), "open")
    assert spans(story)[1] == ("b", "reopened", on(2, "13:00"), None, None)


def test_ownership_what_a_second_undoes_did_not_happen():
    story = asked().assign(on(2, "11:00"), "b").assign(on(2, "11:00"), "a")
    story.status(on(2, "12:00"), "solved").status(on(2, "12:00"), "open")
    assert spans(story) == [("a", "first_inbound", on(2, "10:00"), None, None)]


def test_ownership_the_last_status_of_the_second_is_the_reason():
    story = asked().status(on(2, "11:00"), "solved").status(on(2, "11:00"), "closed").status(on(2, "12:00"), "closed")
    assert [c.stop_reason for c in story.clocks()] == ["closed"]


def test_ownership_solved_when_the_customer_speaks():
    story = Story(OWNED).assign(on(2, "08:00"), "a").status(on(2, "09:00"), "solved").customer(on(2, "10:00"))
    assert story.clocks() == []
    found = story.status(on(2, "11:00"), "open").clocks()
    assert [(c.started_by, c.started_at, c.cycle_number) for c in found] == [("reopened", on(2, "11:00"), 1)]


def test_ownership_a_goal_may_be_about_some_teams_alone():
    # The number counts every team's stretches.
    story = asked(goal("ownership_time", subject="team", teams=frozenset("bc")))
    story.assign(on(2, "11:00"), "b").assign(on(2, "12:00"), "a").assign(on(2, "13:00"), "c")
    assert [(c.team_id, c.cycle_number) for c in story.clocks()] == [("b", 2), ("c", 4)]


def test_ownership_d17_d19_pauses_and_priorities_as_for_any_clock():
    terms = goal(
        "ownership_time", "urgent=1 hours, normal=4 hours", subject="team", pause_statuses=frozenset({"pending"})
    )
    story = asked(terms).priority(on(2, "10:00"), "normal").status(on(2, "10:30"), "pending")
    clock = story.status(on(2, "12:30"), "open").priority(on(2, "12:40"), "urgent").clock()
    assert (clock.due_at, clock.target_seconds, clock.paused_seconds) == (on(2, "13:00"), HOUR, 2 * HOUR)


def test_ownership_d4_each_stretch_has_the_terms_of_its_own_start():
    story = asked().assign(on(3, "09:00"), "b").assign(on(4, "09:00"), "a")
    shorter = goal("ownership_time", "1 hours", subject="team")
    story.world.agreements = [
        version(OWNED, last=date(2026, 3, 2)),
        version(shorter, number=2, first=date(2026, 3, 4)),
    ]
    assert [(c.version, c.target_seconds, c.excluded_reason) for c in story.clocks()] == [
        (1, 2 * HOUR, None),
        (None, None, "no_agreement"),
        (2, HOUR, None),
    ]


def test_ownership_d9_the_childs_open_stretch_is_excluded():
    # What the second of the merge changes is the merge's own.
    story = asked().merge("c", "parent", on(2, "12:00")).conversation("parent").assign(on(2, "11:00"), "b")
    story.assign(on(2, "12:00"), "a").status(on(2, "12:00"), "closed").assign(on(2, "13:00"), "c")
    assert [(c.team_id, c.stopped_at, c.excluded_reason) for c in story.clocks("c")] == [
        ("a", on(2, "11:00"), None),
        ("b", None, "merged"),
    ]


def test_ownership_d9_a_thread_of_the_company_counts_from_the_moved_messages_own_time():
    # The parent's own history holds from that time on, as for an aged turn.
    story = Story(OWNED).merge("child", "parent", on(2, "12:00")).customer(on(2, "10:00"), "child", message_id="q")
    story.assign(on(2, "09:00"), "a", conversation="parent").assign(on(2, "11:00"), "b", conversation="parent")
    assert spans(story, "parent") == [
        ("a", "moved_by_merge", on(2, "10:00"), on(2, "11:00"), "handed_over"),
        ("b", "assigned", on(2, "11:00"), None, None),
    ]
    assert [c.message_id for c in story.clocks("parent")] == ["q", None]


def test_ownership_d9_a_parent_with_a_message_of_its_own_counts_from_that():
    story = asked().merge("child", "c", on(2, "12:00")).customer(on(2, "09:00"), "child")
    assert spans(story) == [("a", "first_inbound", on(2, "10:00"), None, None)]


def test_ownership_d16_a_deleted_message_changes_nothing_in_who_holds_it():
    story = Story(OWNED).assign(on(2, "08:00"), "a").customer(on(2, "10:00"), deleted_at=on(2, "10:10"))
    assert spans(story) == [("a", "first_inbound", on(2, "10:00"), None, None)]


def test_ownership_the_person_is_the_one_who_has_it_when_the_stretch_begins():
    story = asked().assign(on(2, "11:00"), "b", "b1").assign(on(2, "11:30"), "b", "b2")
    assert [c.team_member_id for c in story.clocks()] == [None, None]
    story.world.agreements = [replace(story.world.agreements[0], measures_people=True)]
    assert [c.team_member_id for c in story.clocks()] == [None, "b1"]
