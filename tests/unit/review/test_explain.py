from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from social_sla.review import store
from social_sla.review.explain import clock_heading, explain_clock


@pytest.fixture
def con(built_marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with store.open_marts(built_marts) as connection:
        yield connection


def clock_id(number: int, goal: str = "first_response") -> str:
    return f"email-support-{goal}-202610-{number:03d}"


def test_a_missed_clock_says_how_it_came_to_its_figure(con: duckdb.DuckDBPyConnection) -> None:
    assert explain_clock(con, clock_id(1)) == [
        "Decided by E-mail support, version 1 (in force from 1 May 2025): the version in force at the start (D4, D18). "
        "Goal: First response (first response), target 4 h of business time at priority normal.",
        "Started Fri 2 Oct 2026 09:01:11 EDT (13:01:11 UTC) on E-mail and web form: the customer's first message (M1); "
        "D10: when it was posted.",
        "Ran Fri 2 Oct 2026 09:01:11 EDT (13:01:11 UTC) → Fri 2 Oct 2026 13:01:12 EDT (17:01:12 UTC): "
        "4 h 00 min 01 s of business time, 4 h 00 min 01 s on the calendar (from the first message to the response).",
        "Due Fri 2 Oct 2026 13:01:11 EDT (17:01:11 UTC): the first instant at which the target is used up (D2).",
        "Stopped Fri 2 Oct 2026 13:01:12 EDT (17:01:12 UTC): a response to the customer (R1).",
        "Missed: 4 h 00 min 01 s elapsed of 4 h of business time (4 h 00 min 01 s by the calendar basis); "
        "1 s over (D2, D6).",
        "Counts in October 2026, which holds Fri 2 Oct 2026 13:01:11 EDT (17:01:11 UTC): "
        "the earlier of stop and due (D7).",
    ]


def test_both_targets_are_told_when_the_priority_changed(con: duckdb.DuckDBPyConnection) -> None:
    text = "\n".join(explain_clock(con, clock_id(2)))
    assert "target 8 h of business time at priority normal" in text
    assert "Priority changed from normal to high: target 8 h became 4 h; start and pauses stay (D4, D19)." in text


def test_the_name_of_a_target_is_not_taken_for_a_priority(tmp_path: Path, built_marts: Path) -> None:
    copy = tmp_path / "marts.duckdb"
    shutil.copy(built_marts, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update fct_sla_clock set priority_at_decision = 'default'")
    with store.open_marts(copy) as connection:
        assert not any("Priority" in line for line in explain_clock(connection, clock_id(1)))
        assert any("to one with the default target" in line for line in explain_clock(connection, clock_id(2)))


def test_pauses_and_their_reasons_are_stretches_of_their_own(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(20, "full_resolution"))
    paused = [line for line in lines if line.startswith("Paused")]
    assert len(paused) == 1
    assert "1 h of business time" in paused[0]
    assert "(from status pending to status open)" in paused[0]
    assert any("1 h of pauses left out (D1)" in line and line.startswith("Met:") for line in lines)
    assert any(line.endswith("the conversation was solved (M3).") for line in lines)


def test_silence_is_told_up_to_the_end_of_the_data(con: duckdb.DuckDBPyConnection) -> None:
    text = "\n".join(explain_clock(con, clock_id(0)))
    assert "Nothing stopped it up to the end of the data, 2026-11-03 00:00:00 UTC: silence is counted, once" in text


def test_an_exclusion_gives_its_reason_and_evidence(con: duckdb.DuckDBPyConnection) -> None:
    lines = explain_clock(con, clock_id(40))
    assert lines[-1] == "Excluded, in no rate: spam (D8); evidence: tag spam."
    assert not any(line.startswith(("Met", "Missed", "Due", "Counts")) for line in lines)


def test_a_later_turn_is_named(con: duckdb.DuckDBPyConnection) -> None:
    row = store.fetch(con, "select * from fct_sla_clock where clock_id = ?", clock_id(1, "next_response"))[0]
    assert clock_heading(row) == f"Zendesk ticket {row['source_conversation_id']}, turn 2"


def test_every_clock_of_the_release_can_be_explained(con: duckdb.DuckDBPyConnection) -> None:
    ids = con.execute("select clock_id from fct_sla_clock using sample 200 rows (reservoir, 7)").fetchall()
    for (identifier,) in ids:
        lines = explain_clock(con, identifier)
        assert len(lines) >= 3
        assert not any("None" in line for line in lines)


def test_an_unknown_clock_is_an_error(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(store.ReviewError, match="No clock 'nothing'"):
        explain_clock(con, "nothing")
