from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from social_sla.review import store
from social_sla.review.explain import clock_heading, explain_clock, explain_clocks
from social_sla.review.explain_reads import read_facts


@pytest.fixture
def con(built_marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with store.open_marts(built_marts) as connection:
        yield connection


@pytest.fixture
def changed(tmp_path: Path, built_marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the release that a test may change."""
    copy = tmp_path / "marts.duckdb"
    shutil.copy(built_marts, copy)
    with duckdb.connect(str(copy)) as connection:
        yield connection


def clock_id(number: int, goal: str = "first_response", agreement: str = "email-support") -> str:
    return f"{agreement}-{goal}-202610-{number:03d}"


def line(lines: list[str], start: str) -> str:
    """The one line that begins so."""
    (found,) = [one for one in lines if one.startswith(start)]
    return found


def days(lines: list[str]) -> list[str]:
    return [one.strip() for one in lines if one.startswith("  ")]


def test_a_missed_clock_says_how_it_came_to_its_figure(con: duckdb.DuckDBPyConnection) -> None:
    assert explain_clock(con, clock_id(1)) == [
        "Decided by E-mail support, version 1 (in force from 1 May 2025): the version in force at the start (D4, D18). "
        "Goal: First response (first response time, M1).",
        "Target 4 h of business time, the default: priority normal has none of its own (D19).",
        "Started Fri 2 Oct 2026 09:01:11 EDT (13:01:11 UTC) on E-mail and web form: the customer's first message (M1), "
        "message zendesk:auroraair:m7398900001. Posted and received in the same second; what counts is when it was "
        "posted, as for every goal on the customer (D10).",
        "Counted the open hours of zd_email-hours (America/New_York), day by day (D1, D3):",
        "  Fri 2 Oct 09:01:11–13:01:12 4 h 00 min 01 s (open 09:00–17:00)",
        "Together 4 h 00 min 01 s on 1 day.",
        "Due Fri 2 Oct 2026 13:01:11 EDT (17:01:11 UTC): the first instant at which the target is used up (D2).",
        "Stopped Fri 2 Oct 2026 13:01:12 EDT (17:01:12 UTC): a response to the customer by a person (R1), "
        "message zendesk:auroraair:r7398900001.",
        "Missed: 4 h 00 min 01 s elapsed of 4 h of business time (4 h 00 min 01 s by the calendar basis); "
        "1 s over (D2, D6).",
        "Counts in October 2026, which holds Fri 2 Oct 2026 13:01:11 EDT (17:01:11 UTC): "
        "the earlier of stop and due (D7).",
    ]


def test_both_targets_are_told_when_the_priority_changed(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(2))
    assert line(lines, "Target") == (
        "Target 1 business day: 8 h of business time, fixed at the start (D5, D13), that of priority low, "
        "which was in force at the start (D4)."
    )
    assert line(lines, "Priority") == (
        "Priority changed from low to high on Sat 3 Oct 2026 10:22:53 EDT (14:22:53 UTC): target 8 h became 4 h; "
        "start and pauses stay (D4, D19)."
    )
    assert line(lines, "Due").endswith("not before the change of target (D2, D19).")


def test_the_name_of_a_target_is_not_taken_for_a_priority(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update fct_sla_clock set priority_at_decision = 'default'")
    changed.execute("update fct_sla_clock_segment set began_by = 'response' where began_by like 'priority:%'")
    assert not any(one.startswith("Priority") for one in explain_clock(changed, clock_id(1)))
    assert "from low to one with the default target: target 8 h" in line(
        explain_clock(changed, clock_id(2)), "Priority"
    )


def test_a_priority_that_was_set_later_gives_the_target(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute('update dim_goal set targets_by_priority = \'{"high": "4 hours"}\'')
    changed.execute("update fct_sla_clock set priority = null, priority_at_decision = 'high'")
    assert line(explain_clock(changed, clock_id(1)), "Target") == (
        "Target 4 h of business time: no priority was set at the start, so it is that of the first priority set later "
        "that has one, high (D19)."
    )
    changed.execute("update fct_sla_clock set priority = 'low', target_seconds = null, target_seconds_at_start = null")
    changed.execute("update fct_sla_clock set outcome = 'excluded', excluded_reason = 'no_target', stopped_at = null")
    lines = explain_clock(changed, clock_id(1))
    assert line(lines, "No target") == "No target: priority low has none (D19)."
    assert line(lines, "Excluded").startswith("Excluded, in no rate: the goal has no target for its priority (D19)")


def test_a_pause_that_the_goal_names_is_left_out_day_by_day(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(20, "full_resolution"))
    assert line(lines, "Paused") == (
        "Paused Thu 1 Oct 2026 15:20:11 EDT (19:20:11 UTC) → Thu 1 Oct 2026 16:20:11 EDT (20:20:11 UTC): "
        "status pending, in which the goal itself pauses (D17), until status open; 1 h of business time, "
        "1 h on the calendar left out (D1)."
    )
    assert days(lines) == [
        "Thu 1 Oct 09:20:11–15:20:11, 16:20:11–17:00 6 h 39 min 49 s (open 09:00–17:00)",
        "Fri 2 Oct 09:00–14:20:11 5 h 20 min 11 s (open 09:00–17:00)",
    ]
    assert line(lines, "Together") == "Together 12 h on 2 days."
    assert "1 h of pauses left out (D1)" in line(lines, "Met:")
    assert line(lines, "Stopped").endswith("the conversation was solved (M3).")


def test_a_pause_that_the_measure_leaves_out_is_said_to_be_its(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(0, "requester_wait"))
    assert line(lines, "Decided").endswith("Goal: Passengers wait five days at most (requester wait time, M4).")
    assert (
        ": it began with status pending, which the measure leaves out (M4), until status open; 0 s of business time, "
        "1 h on the calendar left out (D1)."
    ) in line(lines, "Paused")
    assert line(lines, "Counted") == "Counted every second (America/New_York) without the pauses, day by day (D1):"
    assert days(lines) == [
        "Thu 1 Oct 09:00:11–24:00 14 h 59 min 49 s",
        "Fri 2 Oct 00:00–24:00 24 h",
        "Sat 3 Oct 00:00–21:00:14, 22:00:14–24:00 23 h",
        "Sun 4 Oct 00:00–24:00 24 h",
        "Mon 5 Oct 00:00–24:00 24 h",
        "Tue 6 Oct 00:00–10:00:18 10 h 00 min 18 s",
    ]
    assert line(lines, "Together") == "Together 5 d 00 h 00 min 07 s on 6 days."
    assert line(lines, "Missed").startswith("Missed: 5 d 00 h 00 min 07 s elapsed of 5 d around the clock")


def test_a_status_in_which_both_pause_names_both_rules(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update dim_goal set pause_statuses = 'on_hold, pending' where metric = 'requester_wait'")
    text = "it began with status pending, in which the goal itself pauses (D17) and which the measure leaves out (M4)"
    assert text in line(explain_clock(changed, clock_id(0, "requester_wait")), "Paused")


def test_a_clock_that_was_paused_when_it_started_names_what_it_could_have_been(
    changed: duckdb.DuckDBPyConnection,
) -> None:
    changed.execute("update fct_sla_clock_segment set began_by = 'reopened' where state = 'paused'")
    changed.execute("update dim_goal set pause_statuses = 'on_hold' where metric = 'requester_wait'")
    assert (
        "it was in status on hold, in which the goal itself pauses (D17), or pending or solved or closed, "
        "which the measure leaves out (M4), from the start, until status open;"
    ) in line(explain_clock(changed, clock_id(0, "requester_wait")), "Paused")


def test_a_pause_that_a_change_of_priority_cuts_is_one(changed: duckdb.DuckDBPyConnection) -> None:
    identifier = clock_id(20, "full_resolution")
    changed.execute(
        "insert into fct_sla_clock_segment select * replace (9 as segment_number, began_at + interval 20 minute as "
        "began_at, 'priority:high' as began_by, 2400 as business_seconds, 2400 as calendar_seconds) "
        "from fct_sla_clock_segment where clock_id = ? and state = 'paused'",
        [identifier],
    )
    changed.execute(
        "update fct_sla_clock_segment set ended_at = began_at + interval 20 minute, business_seconds = 1200, "
        "calendar_seconds = 1200, segment_number = 8 where clock_id = ? and began_by = 'status:pending'",
        [identifier],
    )
    paused = line(explain_clock(changed, identifier), "Paused")
    assert "→ Thu 1 Oct 2026 16:20:11 EDT" in paused
    assert "1 h of business time, 1 h on the calendar" in paused


def test_many_pauses_are_shortened_with_their_sum(changed: duckdb.DuckDBPyConnection) -> None:
    identifier = clock_id(0, "requester_wait")
    first = "(select min(began_at) from fct_sla_clock_segment where clock_id = $id)"
    changed.execute(
        "create temp table cut as select 2 * number + half + 1 as segment_number, case half when 0 then 'running' else "
        f"'paused' end as state, {first} + to_minutes(2 * number + half) as began_at, number, half "
        "from range(9) as numbers(number), range(2) as halves(half)",
        {"id": identifier},
    )
    changed.execute("delete from fct_sla_clock_segment where clock_id = $id", {"id": identifier})
    changed.execute(
        "insert into fct_sla_clock_segment by name select $id as clock_id, segment_number, state, began_at, "
        "began_at + interval 1 minute as ended_at, case half when 0 then 'status:open' else 'status:pending' end as "
        "began_by, 'x' as ended_by, 60 as business_seconds, 60 as calendar_seconds from cut",
        {"id": identifier},
    )
    changed.execute("update fct_sla_clock set elapsed_seconds = 540 where clock_id = $id", {"id": identifier})
    paused = [one for one in explain_clock(changed, identifier) if one.startswith("Paused")]
    assert len(paused) == 5
    assert paused[2] == "Paused 5 more times: 5 min of business time, 5 min on the calendar."


def test_a_teams_clock_counts_from_when_the_company_had_the_message(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(1, "refunds_time"))
    assert line(lines, "Decided").endswith(
        "Goal: Refunds holds it two hours (time that one team has the conversation)."
    )
    assert line(lines, "Started") == (
        "Started Fri 2 Oct 2026 09:01:11 EDT (13:01:11 UTC) on E-mail and web form: the team had the conversation when "
        "the customer's first message came, message zendesk:auroraair:m7398900401. The team: Refunds. "
        "Posted Fri 2 Oct 2026 08:56:11 EDT (12:56:11 UTC), received Fri 2 Oct 2026 09:01:11 EDT (13:01:11 UTC), "
        "5 min later; what counts is when the company's system had it, as for every goal on a team or a person (D10)."
    )
    assert line(lines, "Stopped").endswith("the conversation was handed over to another team.")


def test_the_night_of_a_block_counts_on_its_own_date(con: duckdb.DuckDBPyConnection) -> None:
    """Started at 9 in the morning, outside the hours of 18:00 to 06:00: nothing counts before they open."""
    lines = explain_clock(con, clock_id(1, agreement="x-australia-outsourcing"))
    assert days(lines) == ["Fri 2 Oct 18:00–19:56:24 1 h 56 min 24 s (open 00:00–06:00, 18:00–24:00)"]
    assert "(10 h 55 min 13 s by the calendar basis)" in line(lines, "Met:")


def test_hours_that_never_close_are_whole_days(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(0, agreement="chat-support"))
    assert days(lines)[1] == "Fri 2 Oct 00:00–24:00 24 h (open 00:00–24:00)"
    # Berlin's clocks went back on 25 October.
    found = read_facts(con, [clock_id(0, agreement="chat-support")])[clock_id(0, agreement="chat-support")].days()
    assert [day.seconds for day in found if day.day.isoformat() == "2026-10-25"] == [25 * 3600]


def test_a_long_clock_is_shortened_in_the_middle_with_count_and_sum(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(0))
    assert days(lines) == [
        "Thu 1 Oct 09:00:11–17:00 7 h 59 min 49 s (open 09:00–17:00)",
        "Fri 2 Oct 09:00–17:00 8 h (open 09:00–17:00)",
        "Sat 3 Oct 09:00–17:00 8 h (open 09:00–17:00)",
        "Sun 4 Oct 09:00–17:00 8 h (open 09:00–17:00)",
        "… 25 more days, Mon 5 Oct to Thu 29 Oct: 200 h",
        "Fri 30 Oct 09:00–17:00 8 h (open 09:00–17:00)",
        "Sat 31 Oct 09:00–17:00 8 h (open 09:00–17:00)",
        "Sun 1 Nov 09:00–17:00 8 h (open 09:00–17:00)",
        "Mon 2 Nov 09:00–17:00 8 h (open 09:00–17:00)",
    ]
    assert line(lines, "Together") == "Together 263 h 59 min 49 s on 33 days."


def test_silence_is_told_up_to_the_end_of_the_data(con: duckdb.DuckDBPyConnection) -> None:
    text = "\n".join(explain_clock(con, clock_id(0)))
    assert "Nothing stopped it up to the end of the data, 2026-11-03 00:00:00 UTC: silence is counted, once" in text


def test_a_running_clock_says_what_is_left(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, "email-support-requester_wait-202611-000")
    assert line(lines, "Nothing stopped").endswith("it is measured to then (D6, D17).")
    assert line(lines, "Running, not decided").endswith("3 d 12 h left (D6).")
    assert not any(one.startswith("Counts in") for one in lines)


def test_a_paused_clock_stands_still_and_has_no_due_time(changed: duckdb.DuckDBPyConnection) -> None:
    identifier = "email-support-requester_wait-202611-000"
    changed.execute(
        "delete from fct_sla_clock_segment where clock_id = ? and segment_number = 3",
        [identifier],
    )
    changed.execute(
        "update fct_sla_clock set outcome = 'paused', due_at = null, elapsed_seconds = 64800 where clock_id = ?",
        [identifier],
    )
    lines = explain_clock(changed, identifier)
    assert line(lines, "No due time").endswith("before its target was used up (D17).")
    assert line(lines, "Nothing stopped").endswith("it stands still then (D17).")
    assert line(lines, "Paused in status pending, not decided").endswith("4 d 06 h left (D17).")


def test_an_exclusion_gives_its_reason_and_evidence(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(40))
    assert lines[-1] == "Excluded, in no rate: spam (D8); evidence: tag spam."
    assert not any(one.startswith(("Met", "Missed", "Due", "Counts")) for one in lines)


def test_a_turn_that_was_closed_tells_how_much_of_its_target_was_used(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute(
        "update fct_sla_clock set outcome = 'excluded', excluded_reason = 'closed_without_reply', "
        "excluded_evidence = 'closed_without_reply', stop_reason = 'closed_without_reply', response_message_id = null"
    )
    lines = explain_clock(changed, clock_id(20, "next_response"))
    assert line(lines, "Stopped").endswith("the conversation was closed without a reply (M2, D15).")
    assert lines[-1] == (
        "Excluded, in no rate: closed without a reply before it was due (D15); "
        "2 h 24 min elapsed of 8 h of business time."
    )
    assert line(lines, "Together") == "Together 2 h 24 min on 1 day."


def test_a_stop_before_its_start_is_said_to_be_moved(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update fct_sla_clock set is_clock_skewed = true")
    changed.execute("update fct_message set published_at = published_at - interval 5 hour where direction = 'outbound'")
    assert line(explain_clock(changed, clock_id(1)), "Stopped").endswith(
        "By its own time, Fri 2 Oct 2026 08:01:12 EDT (12:01:12 UTC), the stop lay before the start, or before the "
        "message that it answers: it was put at the later of these and marked (D14)."
    )


def test_a_message_that_came_with_a_merge_names_where_from(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update fct_sla_clock set started_by = 'moved_by_merge'")
    changed.execute("update fct_message set source_conversation_id = '4711'")
    text = "the customer's message that came over with a merge, at its own time (M2, D9), from Zendesk ticket 4711, "
    assert text in line(explain_clock(changed, clock_id(1, "next_response")), "Started")


def test_a_deleted_message_says_what_that_did(changed: duckdb.DuckDBPyConnection) -> None:
    identifier = clock_id(1)
    when = "deleted_at = timestamp '2026-10-02 20:00:00'"
    changed.execute(f"update fct_message set {when} where message_id = 'zendesk:auroraair:m7398900001'")
    assert (
        "message zendesk:auroraair:m7398900001. It was deleted on Fri 2 Oct 2026 16:00:00 EDT (20:00:00 UTC), "
        "which changed nothing: the clock had stopped or was past due (D16). Posted"
    ) in line(explain_clock(changed, identifier), "Started")
    changed.execute("update fct_message set deleted_at = null")
    changed.execute(
        "insert into fct_message select * replace ('zendesk:auroraair:older' as message_id, "
        "published_at - interval 1 hour as published_at, timestamp '2026-10-02 13:30:00' "
        "as deleted_at) from fct_message "
        "where message_id = 'zendesk:auroraair:m7398900001'"
    )
    assert (
        "The older message zendesk:auroraair:older was deleted on Fri 2 Oct 2026 09:30:00 EDT (13:30:00 UTC), "
        "while the clock was open, and left it (D16)."
    ) in line(explain_clock(changed, identifier), "Started")


def test_without_a_version_in_force_that_is_said(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute(
        "update fct_sla_clock set agreement_version = null, outcome = 'excluded', excluded_reason = 'no_agreement', "
        "stopped_at = null, excluded_evidence = 'no_agreement'"
    )
    lines = explain_clock(changed, clock_id(1))
    assert lines[0].startswith(
        "E-mail support: no version was in force at the start (D18). Goal of the nearest version"
    )
    assert lines[-1] == "Excluded, in no rate: no version of the agreement was in force (D18)."


@pytest.mark.parametrize(
    ("goal", "name"), [("next_response", "turn 2"), ("full_resolution", ""), ("refunds_time", "stretch 3")]
)
def test_a_later_turn_or_stretch_is_named(changed: duckdb.DuckDBPyConnection, goal: str, name: str) -> None:
    changed.execute("update fct_sla_clock set cycle_number = 3 where goal_id = 'refunds_time'")
    row = store.fetch(changed, "select * from fct_sla_clock where clock_id = ?", clock_id(1, goal))[0]
    assert clock_heading(row) == f"Zendesk ticket {row['source_conversation_id']}" + (f", {name}" if name else "")


def test_clocks_of_the_release_can_be_explained_and_their_days_add_up(con: duckdb.DuckDBPyConnection) -> None:
    sample = "using sample 20 percent (bernoulli, 7)"
    ids = [one for (one,) in con.execute(f"select clock_id from fct_sla_clock {sample} order by clock_id").fetchall()]
    assert len(ids) > 1000
    explained = explain_clocks(con, ids)
    assert list(explained) == ids
    for lines in explained.values():
        assert len(lines) >= 4
        assert not any(re.search(r"\bNone\b|  \.|\( ", one) for one in lines)
    for facts in read_facts(con, ids).values():
        assert sum(day.seconds for day in facts.days()) == facts.clock["elapsed_seconds"]


def test_a_release_whose_days_do_not_add_up_is_an_error(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute(
        "update dim_schedule_interval set closes_at = closes_at - interval 4 hour where schedule_id = 'zd_email-hours'"
    )
    with pytest.raises(
        store.ReviewError, match=r"its days add up to 14329 s, its elapsed_seconds are 14401.*build and publish again"
    ):
        explain_clock(changed, clock_id(1))


def test_a_release_of_before_the_hours_says_so(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("drop table dim_schedule_interval")
    lines = explain_clock(changed, clock_id(1))
    assert line(lines, "Its hours by day are not told: this release was published before")
    assert line(lines, "Missed")
    assert days(explain_clock(changed, clock_id(0, "requester_wait")))


def test_an_unknown_clock_is_an_error(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(store.ReviewError, match="No clock 'nothing'"):
        explain_clock(con, "nothing")
