"""Explanations of what the clock engine really makes: told stories line by line, and random months by their sums."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from social_sla.review.explain import explain_clocks
from social_sla.review.explain_reads import read_facts

from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables
from tests.oracle.generate import random_month
from tests.oracle.model import World
from tests.oracle.story import Story, goal, on
from tests.support.engine import Engine

MARTS = (
    *("fct_sla_clock", "fct_sla_clock_segment", "fct_message"),
    *("dim_goal", "dim_agreement", "dim_channel", "dim_schedule_interval"),
)
MONDAY = 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine.compile(Path(tmp_path_factory.mktemp("engine")), marts=MARTS)


@contextmanager
def released(engine: Engine, world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of a world, with what publishing adds."""
    tables = {f"config.{name}": table for name, table in config_tables(world).items()}
    tables |= {f"intermediate.{name}": table for name, table in canonical_tables(world).items()}
    with engine.run(tables) as connection:
        connection.execute(
            "create table marts.fct_release as select 'r' as release_id, as_of as published_at, as_of, "
            "'passed' as gate_status from config.load"
        )
        connection.execute(
            "create table marts.dim_team as select distinct team_id, 'Team ' || right(team_id, 1) as name "
            "from marts.fct_sla_clock where team_id is not null"
        )
        connection.execute("use warehouse.marts")
        yield connection


def told(engine: Engine, story: Story) -> list[list[str]]:
    """The explanations of a story's clocks by start."""
    with released(engine, story.world) as con:
        ids = [one for (one,) in con.execute("select clock_id from fct_sla_clock order by started_at").fetchall()]
        return list(explain_clocks(con, ids).values())


def test_agent_work_leaves_out_what_it_does_not_count_and_what_its_goal_does_not(engine: Engine) -> None:
    """Office hours 9 to 17. Open 10–11, pending to 12, open to 13, on hold to 14, new to 15, open to Tuesday 9:30."""
    story = Story(goal("agent_work", "4 hours", pause_statuses=frozenset({"new"})))
    story.status(on(MONDAY, "09:59"), "open").customer(on(MONDAY, "10:00"))
    story.status(on(MONDAY, "11:00"), "pending").status(on(MONDAY, "12:00"), "open")
    story.status(on(MONDAY, "13:00"), "on_hold").status(on(MONDAY, "14:00"), "new")
    story.status(on(MONDAY, "15:00"), "open").status(on(MONDAY + 1, "09:30"), "solved")
    (lines,) = told(engine, story)
    assert lines[1:] == [
        "Target 4 h of business time.",
        "Started Mon 2 Mar 2026 10:00:00 UTC on mail: the customer's first message (M4), message oracle:company:m2. "
        "Posted and received in the same second; what counts is when it was posted, as for every goal on the customer "
        "(D10).",
        "Paused Mon 2 Mar 2026 11:00:00 UTC → Mon 2 Mar 2026 12:00:00 UTC: it began with status pending, which the "
        "measure leaves out (M4), until status open; 1 h of business time, 1 h on the calendar left out (D1).",
        "Paused Mon 2 Mar 2026 13:00:00 UTC → Mon 2 Mar 2026 15:00:00 UTC: it began with status on hold, which the "
        "measure leaves out (M4), until status open; 2 h of business time, 2 h on the calendar left out (D1).",
        "Counted the open hours of office (UTC) without the pauses, day by day (D1, D3):",
        "  Mon 2 Mar 10:00–11:00, 12:00–13:00, 15:00–17:00 4 h (open 09:00–17:00)",
        "  Tue 3 Mar 09:00–09:30 30 min (open 09:00–17:00)",
        "Together 4 h 30 min on 2 days.",
        "Due Mon 2 Mar 2026 17:00:00 UTC: the first instant at which the target is used up (D2).",
        "Stopped Tue 3 Mar 2026 09:30:00 UTC: the conversation was solved (M3).",
        "Missed: 4 h 30 min elapsed of 4 h of business time, 3 h of pauses left out (D1) "
        "(20 h 30 min by the calendar basis); 30 min over (D2, D6).",
        "Counts in March 2026, which holds Mon 2 Mar 2026 17:00:00 UTC: the earlier of stop and due (D7).",
    ]


def test_gaps_between_updates_say_what_began_and_ended_each(engine: Engine) -> None:
    story = Story(goal("periodic_update", "2 hours", basis="calendar", schedule_id=None))
    story.status(on(MONDAY, "10:00"), "new").customer(on(MONDAY, "10:00"))
    story.agent(on(MONDAY, "11:30")).agent(on(MONDAY, "14:00")).status(on(MONDAY, "14:30"), "solved")
    first, second, third = told(engine, story)
    assert any("the customer's first message (M5), message oracle:company:m2." in line for line in first)
    assert any(line.endswith("the company's next update (M5), message oracle:company:m3.") for line in first)
    assert second[2] == (
        "Started Mon 2 Mar 2026 11:30:00 UTC on mail: the company's update before this gap (M5), "
        "message oracle:company:m3."
    )
    assert "  Mon 2 Mar 11:30–14:00 2 h 30 min" in second
    assert any(line.startswith("Missed: 2 h 30 min elapsed of 2 h around the clock") for line in second)
    assert any(line.endswith("the conversation was solved (M3).") for line in third)


def test_a_team_has_a_conversation_until_it_is_handed_over(engine: Engine) -> None:
    story = Story(goal("ownership_time", "1 hours", subject="team", teams=frozenset({"a"})))
    story.status(on(MONDAY, "16:00"), "new").customer(on(MONDAY, "16:00"), received_at=on(MONDAY, "16:20"))
    story.assign(on(MONDAY, "16:30"), "a").assign(on(MONDAY + 1, "09:30"), "b")
    (lines,) = told(engine, story)
    assert lines[2] == (
        "Started Mon 2 Mar 2026 16:30:00 UTC on mail: the team was given the conversation. The team: Team a."
    )
    assert "  Mon 2 Mar 16:30–17:00 30 min (open 09:00–17:00)" in lines
    assert "  Tue 3 Mar 09:00–09:30 30 min (open 09:00–17:00)" in lines
    assert any(line.endswith("the conversation was handed over to another team.") for line in lines)
    assert any(line.startswith("Met: 1 h elapsed of 1 h of business time") for line in lines)
    assert any(line.endswith("to the second (D2).") for line in lines)


def test_a_new_priority_gives_both_targets_and_when(engine: Engine) -> None:
    story = Story(goal("first_response", "low=8 hours, high=2 hours"))
    story.priority(on(MONDAY, "09:00"), "low").customer(on(MONDAY, "10:00"))
    story.priority(on(MONDAY, "13:00"), "high").agent(on(MONDAY, "13:30"))
    (lines,) = told(engine, story)
    assert lines[1] == ("Target 8 h of business time, that of priority low, which was in force at the start (D4).")
    assert (
        "Priority changed from low to high on Mon 2 Mar 2026 13:00:00 UTC: target 8 h became 2 h; "
        "start and pauses stay (D4, D19)."
    ) in lines
    assert (
        "Due Mon 2 Mar 2026 13:00:00 UTC: the first instant at which the target is used up, and not before the change "
        "of target (D2, D19)."
    ) in lines


def test_a_teams_goal_that_was_answered_before_the_message_was_received_is_marked(engine: Engine) -> None:
    story = Story(goal("first_response", "1 hours", subject="team"))
    story.customer(on(MONDAY, "10:00"), received_at=on(MONDAY, "10:20")).agent(on(MONDAY, "10:10"))
    (lines,) = told(engine, story)
    assert (
        "received Mon 2 Mar 2026 10:20:00 UTC, 20 min later; what counts is when the company's system had it"
        in lines[2]
    )
    assert "Counted the open hours of office (UTC) (D1, D3): none between start and end." in lines
    assert any("By its own time, Mon 2 Mar 2026 10:10:00 UTC, the stop lay before the start" in line for line in lines)


@pytest.mark.parametrize("seed", range(4))
def test_the_days_of_every_clock_of_a_random_month_add_up(engine: Engine, seed: int) -> None:
    with released(engine, random_month(seed, conversations=100)) as con:
        clocks = con.execute("select clock_id, elapsed_seconds from fct_sla_clock order by clock_id").fetchall()
        ids = [clock_id for clock_id, _ in clocks]
        facts = read_facts(con, ids)
        days = {clock_id: sum(day.seconds for day in facts[clock_id].days()) for clock_id in ids}
        assert days == dict(clocks)
        explained = explain_clocks(con, ids)
    metrics = {facts[clock_id].clock["metric"] for clock_id in ids}
    assert len(metrics) == 10
    assert not [line for lines in explained.values() for line in lines if "None" in line]
