"""Hand-worked changes: merges, deleted messages, pauses, versions, priorities. The rule id is in each test's name.

Hours Monday–Friday 09:00–17:00 UTC, target 2 business hours unless a test says otherwise; 2 March 2026 is a Monday.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.oracle.clocks import message_reasons
from tests.oracle.story import DAY, HOUR, MINUTE, Story, goal, on, version

FIRST = goal("first_response")
NEXT = goal("next_response")
PENDING = frozenset({"pending"})


# ---- D9: merges ----------------------------------------------------------------------------------------------------


def merged(*goals, at: int, **terms) -> Story:
    return Story(*(goals or (FIRST,)), **terms).merge("child", "parent", at)


def test_d9_the_childs_stopped_clock_stands_and_its_open_one_is_excluded():
    story = merged(at=on(2, "12:00")).customer(on(2, "09:00"), "parent").agent(on(2, "09:30"), "parent")
    story.customer(on(2, "10:00"), "child")
    clock = story.clock("child")
    assert (clock.outcome, clock.excluded_reason, clock.stop_reason) == ("excluded", "merged", "merged")
    story.agent(on(2, "11:00"), "child")
    assert (story.clock("child").outcome, story.clock("child").elapsed_seconds) == ("met", HOUR)


def test_d9_also_a_clock_past_due_is_excluded_and_the_parent_carries_the_miss():
    # Child asked Monday 10:00, merged Tuesday 10:00 (3 h past its 2 h): the parent's turn takes Monday 10:00.
    story = merged(at=on(3, "10:00")).customer(on(3, "09:00"), "parent").customer(on(2, "10:00"), "child")
    assert story.clock("child").excluded_reason == "merged"
    clock = story.agent(on(3, "11:00"), "parent").clock("parent")
    assert (clock.started_at, clock.started_by, clock.outcome) == (on(2, "10:00"), "moved_by_merge", "missed")
    assert clock.due_at == on(2, "12:00")


def test_d9_an_open_turn_keeps_its_own_start_when_that_is_older():
    story = merged(at=on(2, "11:00")).customer(on(2, "09:00"), "parent").customer(on(2, "10:00"), "child")
    clock = story.agent(on(2, "11:30"), "parent").clock("parent")
    assert (clock.started_at, clock.message_id, clock.covered_message_ids) == (on(2, "09:00"), "m1", ("m1", "m2"))


def test_d9_else_it_opens_a_turn_that_only_responses_after_the_merge_answer():
    # Parent answered at 09:30 and wrote again at 10:30; the child's 10:00 comes in at 11:00: next turn from 10:00.
    story = merged(NEXT, at=on(2, "11:00")).customer(on(2, "09:00"), "parent").agent(on(2, "09:30"), "parent")
    story.customer(on(2, "10:00"), "child").agent(on(2, "10:30"), "parent").agent(on(2, "11:00"), "parent")
    clock = story.agent(on(2, "11:45"), "parent").clock("parent")
    assert (clock.started_at, clock.stopped_at, clock.message_id) == (on(2, "10:00"), on(2, "11:45"), "m3")


def test_d9_the_oldest_unanswered_message_moves_not_an_answered_one():
    story = merged(NEXT, at=on(2, "12:00")).customer(on(2, "09:00"), "child").agent(on(2, "09:30"), "child")
    story.customer(on(2, "10:00"), "child").customer(on(2, "10:20"), "child")
    story.customer(on(2, "08:00"), "parent").agent(on(2, "09:00"), "parent")
    clock = story.clock("parent")
    assert (clock.message_id, clock.covered_message_ids) == ("m3", ("m3",))


def test_d9_nothing_unanswered_nothing_moves():
    story = merged(NEXT, at=on(2, "12:00")).customer(on(2, "09:00"), "child").agent(on(2, "09:30"), "child")
    story.customer(on(2, "08:00"), "parent").agent(on(2, "09:00"), "parent")
    assert story.clocks() == []


def test_d9_a_thread_of_the_company_gets_its_first_clock_from_the_merge():
    story = merged(at=on(2, "12:00")).agent(on(2, "09:00"), "parent").customer(on(2, "11:00"), "child")
    clock = story.agent(on(2, "12:30"), "parent").clock("parent")
    assert (clock.started_at, clock.elapsed_seconds, clock.outcome) == (on(2, "11:00"), 90 * MINUTE, "met")


def test_d9_a_chain_of_merges_carries_the_oldest_unanswered_message_on():
    story = Story(FIRST).merge("a", "b", on(2, "11:00")).merge("b", "c", on(2, "12:00"))
    story.customer(on(2, "09:00"), "a").customer(on(2, "10:00"), "b").customer(on(2, "11:30"), "c")
    clock = story.agent(on(2, "12:30"), "c").clock("c")
    assert (clock.started_at, clock.outcome) == (on(2, "09:00"), "missed")
    assert story.clock("b").excluded_reason == "merged"
    assert story.clock("b").started_at == on(2, "09:00")


def test_d9_a_child_merged_into_a_conversation_that_is_merged_already_goes_to_its_parent():
    story = Story(FIRST).merge("b", "c", on(2, "10:00")).merge("a", "b", on(2, "11:00"))
    story.customer(on(2, "09:30"), "a").agent(on(2, "09:00"), "b").agent(on(2, "09:00"), "c")
    assert story.clock("c").started_at == on(2, "09:30")
    assert story.clocks("b") == []


def test_d9_the_merge_is_no_closing():
    # The source closes the child in the second of the merge: no solved, so the resolution clock is excluded.
    story = merged(goal("full_resolution"), at=on(2, "11:00")).customer(on(2, "10:00"), "child")
    story.status(on(2, "10:00"), "new", "child").status(on(2, "11:00"), "closed", "child").conversation("parent")
    assert story.clock("child").excluded_reason == "merged"


def test_d9_a_resolution_before_the_merge_stands():
    story = merged(goal("full_resolution"), at=on(2, "13:00")).customer(on(2, "10:00"), "child")
    story.status(on(2, "10:00"), "new", "child").status(on(2, "11:00"), "solved", "child").conversation("parent")
    assert (story.clock("child").outcome, story.clock("child").stopped_at) == ("met", on(2, "11:00"))


def test_d9_as_of_before_the_merge_sees_two_conversations():
    story = merged(at=on(2, "12:00"), as_of=on(2, "11:59:59"))
    story.customer(on(2, "10:00"), "child").customer(on(2, "11:00"), "parent")
    assert [(c.started_at, c.outcome) for c in story.clocks()] == [
        (on(2, "10:00"), "running"),
        (on(2, "11:00"), "running"),
    ]


def test_d9_a_message_to_the_child_after_the_merge_has_its_reason_on_itself():
    story = merged(at=on(2, "12:00")).customer(on(2, "10:00"), "child").customer(on(2, "13:00"), "child")
    assert message_reasons(story.conversation("parent").world) == {"m2": "merged"}


# ---- D16: deleted messages -------------------------------------------------------------------------------------------


def test_d16_a_deleted_message_leaves_an_open_turn_and_the_next_one_starts_it():
    story = Story(FIRST).customer(on(2, "10:00"), deleted_at=on(2, "10:40")).customer(on(2, "10:30"))
    clock = story.agent(on(2, "12:15")).clock()  # 1 h 45 from 10:30; 2 h 15 from 10:00
    assert (clock.started_at, clock.message_id, clock.outcome) == (on(2, "10:30"), "m2", "met")


def test_d16_none_left_is_excluded():
    clock = Story(FIRST).customer(on(2, "10:00"), deleted_at=on(2, "10:40")).agent(on(2, "11:00")).clock()
    assert (clock.outcome, clock.excluded_reason) == ("excluded", "deleted")


def test_d16_after_the_answer_nothing_changes():
    clock = Story(FIRST).customer(on(2, "10:00"), deleted_at=on(2, "11:00")).agent(on(2, "11:00")).clock()
    assert (clock.outcome, clock.started_at) == ("met", on(2, "10:00"))


@pytest.mark.parametrize(("deleted", "outcome"), [("12:00", "excluded"), ("12:00:01", "missed")])
def test_d16_after_due_nothing_changes(deleted, outcome):
    assert Story(FIRST).customer(on(2, "10:00"), deleted_at=on(2, deleted)).clock().outcome == outcome


def test_d16_a_message_that_is_not_the_oldest_changes_nothing():
    story = Story(FIRST).customer(on(2, "10:00")).customer(on(2, "10:30"), deleted_at=on(2, "10:40"))
    assert story.agent(on(2, "11:00")).clock().started_at == on(2, "10:00")


def test_d16_a_deletion_that_as_of_does_not_see():
    story = Story(FIRST, as_of=on(2, "10:30")).customer(on(2, "10:00"), deleted_at=on(2, "10:40"))
    assert story.clock().outcome == "running"


# ---- D17: pauses -----------------------------------------------------------------------------------------------------


def paused_story(as_of: int) -> Story:
    """Asked 10:00, pending 11:00–12:00, target 2 h: due 13:00."""
    story = Story(goal("first_response", pause_statuses=PENDING), as_of=as_of).customer(on(2, "10:00"))
    return story.status(on(2, "10:00"), "open").status(on(2, "11:00"), "pending").status(on(2, "12:00"), "open")


def test_d17_a_pause_moves_due():
    clock = paused_story(on(2, "12:30")).clock()
    assert (clock.outcome, clock.due_at, clock.elapsed_seconds) == ("running", on(2, "13:00"), 90 * MINUTE)


def test_d17_due_of_a_paused_clock_is_null():
    clock = paused_story(on(2, "11:30")).clock()
    assert (clock.outcome, clock.due_at, clock.elapsed_seconds) == ("paused", None, HOUR)
    assert clock.paused_seconds == 30 * MINUTE


def test_d17_unless_it_was_reached_before():
    # Open 10:00–12:00 uses up the 2 h exactly when the pause begins: elapsed = target, not exceeded.
    story = Story(goal("first_response", pause_statuses=PENDING), as_of=on(2, "15:00")).customer(on(2, "10:00"))
    clock = story.status(on(2, "10:00"), "open").status(on(2, "12:00"), "pending").clock()
    assert (clock.outcome, clock.due_at, clock.decided_at) == ("paused", on(2, "12:00"), None)


def test_d17_default_none():
    story = Story(FIRST).customer(on(2, "10:00")).status(on(2, "10:00"), "pending")
    assert (story.clock().paused_seconds, story.clock().due_at) == (0, on(2, "12:00"))


def test_d17_a_status_in_the_second_of_as_of_is_in_force():
    story = Story(goal("first_response", pause_statuses=PENDING), as_of=on(2, "11:00")).customer(on(2, "10:00"))
    assert story.status(on(2, "11:00"), "pending").clock().outcome == "paused"


def test_d17_a_pause_after_the_stop_does_not_move_due():
    story = Story(goal("first_response", pause_statuses=PENDING)).customer(on(2, "10:00")).agent(on(2, "10:30"))
    assert story.status(on(2, "10:30"), "pending").status(on(2, "16:00"), "open").clock().due_at == on(2, "12:00")


# ---- D4, D18: versions -----------------------------------------------------------------------------------------------


def test_d4_a_later_version_never_changes_a_clock_that_has_started():
    # Version 2 (target 1 h) begins at midnight of 3 March; the clock of Monday 16:30 keeps its 2 h.
    story = Story().customer(on(2, "16:30")).agent(on(3, "10:30"))
    story.customer(on(3, "00:00"), "d").agent(on(3, "10:30"), "d")
    story.world.agreements = [
        version(FIRST, number=1, last=date(2026, 3, 2)),
        version(goal("first_response", "1 hours"), number=2, first=date(2026, 3, 3)),
    ]
    assert [(c.version, c.target_seconds, c.outcome) for c in story.clocks()] == [
        (1, 2 * HOUR, "met"),  # 30 min + 1 h 30
        (2, HOUR, "missed"),  # 1 h 30
    ]


def test_d18_the_higher_version_wins_an_overlap_on_inclusive_dates():
    story = Story().customer(on(3, "23:59:59")).customer(on(4), "d").customer(on(5) - 1, "e").customer(on(5), "f")
    one_day = date(2026, 3, 4)
    story.world.agreements = [version(FIRST), version(FIRST, number=2, first=one_day, last=one_day)]
    assert [c.version for c in story.clocks()] == [1, 2, 2, 1]


def test_d18_a_gap_excludes_as_no_agreement():
    story = Story().customer(on(4, "10:00")).agent(on(4, "10:30"))
    story.world.agreements = [version(FIRST, last=date(2026, 3, 3)), version(FIRST, number=2, first=date(2026, 3, 5))]
    clock = story.clock()
    assert (clock.excluded_reason, clock.version) == ("no_agreement", None)
    assert (clock.target_seconds, clock.due_at) == (None, None)


def test_d18_several_agreements_each_have_their_clocks():
    story = Story(FIRST).customer(on(2, "10:00"))
    story.world.agreements.append(replace(version(FIRST), agreement_id="other"))
    assert [c.agreement_id for c in story.clocks()] == ["care", "other"]


# ---- D19: priorities -------------------------------------------------------------------------------------------------

BY_PRIORITY = "urgent=1 hours, normal=4 hours"


def ranked(targets: str = BY_PRIORITY, as_of: int = on(20)) -> Story:
    return Story(goal("first_response", targets), as_of=as_of).customer(on(2, "10:00"))


def test_d19_a_change_in_the_second_of_the_start_is_in_force():
    story = ranked().priority(on(2, "09:00"), "normal").priority(on(2, "10:00"), "urgent")
    clock = story.clock()
    assert (clock.target_seconds_at_start, clock.target_seconds, clock.due_at) == (HOUR, HOUR, on(2, "11:00"))


def test_d19_a_change_in_the_second_of_the_stop_is_not():
    # Answered after 3 h 30; urgent (1 h) in that second.
    story = ranked().priority(on(2, "10:00"), "normal").agent(on(2, "13:30")).priority(on(2, "13:30"), "urgent")
    assert (story.clock().outcome, story.clock().target_seconds) == ("met", 4 * HOUR)
    story = ranked().priority(on(2, "10:00"), "normal").agent(on(2, "13:30")).priority(on(2, "13:29:59"), "urgent")
    assert (story.clock().outcome, story.clock().target_seconds) == ("missed", HOUR)


def test_d19_the_new_due_is_the_later_of_start_plus_new_target_and_the_change():
    early = ranked().priority(on(2, "10:00"), "normal").priority(on(2, "10:30"), "urgent").clock()
    late = ranked().priority(on(2, "10:00"), "normal").priority(on(2, "12:00"), "urgent").clock()
    assert (early.due_at, late.due_at) == (on(2, "11:00"), on(2, "12:00"))
    assert (late.outcome, late.decided_at) == ("missed", on(2, "12:00"))
    assert (late.target_seconds_at_start, late.target_seconds) == (4 * HOUR, HOUR)


def test_d19_a_miss_that_stood_stays():
    story = ranked().priority(on(2, "10:00"), "urgent").priority(on(2, "11:00:01"), "normal").agent(on(2, "11:30"))
    assert (story.clock().outcome, story.clock().due_at) == ("missed", on(2, "11:00"))
    assert story.clock().target_seconds == HOUR


def test_d19_a_change_at_due_itself_comes_in_time():
    # At 11:00:00 elapsed = 1 h = target: no miss stands yet.
    story = ranked().priority(on(2, "10:00"), "urgent").priority(on(2, "11:00"), "normal").agent(on(2, "13:00"))
    assert (story.clock().outcome, story.clock().due_at) == ("met", on(2, "14:00"))


def test_d19_a_priority_without_a_target_keeps_the_old_one():
    story = ranked().priority(on(2, "10:00"), "urgent").priority(on(2, "10:30"), "low")
    clock = story.clock()
    assert (clock.target_seconds, clock.due_at, clock.priority_at_decision) == (HOUR, on(2, "11:00"), "low")


def test_d19_no_priority_yet_is_the_target_named_default():
    clock = ranked("urgent=1 hours, default=3 hours").clock()
    assert (clock.target_seconds, clock.priority_at_start) == (3 * HOUR, None)


def test_d19_else_the_first_priority_set_later_that_has_a_target():
    # 10:00, no priority; low at 10:30 has no target; normal at 10:40: 4 h from 10:00.
    clock = ranked().priority(on(2, "10:30"), "low").priority(on(2, "10:40"), "normal").clock()
    assert (clock.target_seconds, clock.due_at) == (4 * HOUR, on(2, "14:00"))


def test_d19_a_first_priority_set_after_start_plus_its_target_is_due_at_the_change():
    # urgent (1 h) set at 12:00 on an answerless message of 10:00: the later of 11:00 and 12:00.
    clock = ranked().priority(on(2, "12:00"), "urgent").clock()
    assert (clock.outcome, clock.due_at) == ("missed", on(2, "12:00"))


def test_d19_a_priority_set_after_the_answer_still_gives_the_target():
    clock = ranked().agent(on(2, "10:50")).priority(on(3, "10:00"), "urgent").clock()
    assert (clock.outcome, clock.target_seconds, clock.due_at) == ("met", HOUR, on(2, "11:00"))


def test_d19_no_target_at_all_is_excluded():
    clock = ranked().priority(on(2, "10:30"), "low").clock()
    assert (clock.outcome, clock.excluded_reason, clock.target_seconds) == ("excluded", "no_target", None)


def test_d19_the_last_change_of_a_second_counts():
    story = ranked().priority(on(2, "10:00"), "normal")
    story.priority(on(2, "12:00"), "urgent").priority(on(2, "12:00"), "normal")
    assert (story.clock().due_at, story.clock().target_seconds) == (on(2, "14:00"), 4 * HOUR)


def test_d13_d19_business_days_of_a_new_target_are_those_of_the_start():
    # Friday 6 March 16:00. 1 business day = Friday's 8 h, also when the priority changes on Monday.
    story = Story(goal("first_response", "low=1 business_days, urgent=1 hours")).customer(on(6, "16:00"))
    clock = story.priority(on(6, "16:00"), "urgent").priority(on(6, "16:30"), "low").clock()
    assert (clock.target_seconds, clock.due_at) == (8 * HOUR, on(9, "16:00"))
    assert clock.elapsed_calendar_seconds == on(20) - on(6, "16:00") == 13 * DAY + 8 * HOUR
