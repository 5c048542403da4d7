"""The tables made from a world say what the world says, and the comparison finds what differs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from social_sla.agreements.calendar_models import Schedule as ProductSchedule
from social_sla.agreements.calendars import expand
from social_sla.agreements.table_schemas import TABLE_SCHEMAS

from tests.oracle.clocks import all_clocks
from tests.oracle.compare import clock_differences, clock_row, describe, month_differences, only, summary
from tests.oracle.frames import CANONICAL_SCHEMAS, canonical_tables, config_tables, goal_key, seconds
from tests.oracle.frames_config import ID_PREFIX, calendar_range, expanded
from tests.oracle.generate import random_month
from tests.oracle.hours import Hours
from tests.oracle.model import ALL_METRICS, BASIC_METRICS, FURTHER_METRICS, EffectivePart, Schedule
from tests.oracle.monthly import monthly
from tests.oracle.terms import version_in_force

WORLD = random_month(7, conversations=60, with_shared_nights=True)
CONFIG, CANONICAL = config_tables(WORLD), canonical_tables(WORLD)
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def test_the_calendar_rows_count_what_the_hours_count():
    for schedule in WORLD.schedules.values():
        rows = [r for r in CONFIG["schedule_intervals"].to_pylist() if r["schedule_id"] == schedule.schedule_id]
        days = [r for r in CONFIG["schedule_days"].to_pylist() if r["schedule_id"] == schedule.schedule_id]
        hours = Hours(schedule)
        begin, end = seconds(rows[0]["opens_at"]), seconds(rows[-1]["closes_at"])
        last = rows[-1]
        total = last["open_seconds_before"] + seconds(last["closes_at"]) - seconds(last["opens_at"])
        assert total == hours.open_seconds(begin, end) == days[-1]["open_seconds_before"] + days[-1]["open_seconds"]
        assert all(a["closes_at"] < b["opens_at"] for a, b in pairwise(rows))
        assert [r["interval_number"] for r in rows] == list(range(1, len(rows) + 1))


def product_document(schedule: Schedule) -> dict:
    """The schedule as `calendars.yaml` would state it; a date without hours is a company holiday there."""

    def part(described: EffectivePart) -> dict:
        weekly = {DAY_NAMES[d]: [f"{b.opens}-{b.closes}" for b in blocks] for d, blocks in described.weekly.items()}
        return {"valid_from": described.from_date, "valid_to": described.to_date, "weekly": weekly}

    closed = schedule.holidays | {day for day, blocks in schedule.dated_hours.items() if not blocks}
    return {
        "schedule_id": schedule.schedule_id.replace("_", "-"),
        "title": "Hours",
        "timezone": schedule.zone,
        "parts": [{k: v for k, v in part(p).items() if v is not None} for p in schedule.parts],
        "company_holidays": [{"date": day, "name": "closed"} for day in sorted(closed)],
        "special_days": [
            {"date": day, "name": "stated", "hours": [f"{b.opens}-{b.closes}" for b in blocks]}
            for day, blocks in sorted(schedule.dated_hours.items())
            if blocks
        ],
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_products_calendars_are_the_oracles(seed):
    """Two expansions that share no code: every interval and every scheduled day of half a year."""
    world = random_month(seed, conversations=16, with_shared_nights=True)
    first, last = calendar_range(world)
    last = first + timedelta(days=180)
    for schedule in world.schedules.values():
        theirs = expand(ProductSchedule.model_validate(product_document(schedule)), first, last)
        intervals, days = expanded(schedule, first, last)
        assert [(i.opens_at.replace(tzinfo=None), i.closes_at.replace(tzinfo=None)) for i in theirs.intervals] == [
            (row["opens_at"], row["closes_at"]) for row in intervals
        ]
        assert [(d.local_date, d.open_seconds, d.open_seconds_before) for d in theirs.days] == [
            (row["local_date"], row["open_seconds"], row["open_seconds_before"]) for row in days
        ]


def test_agreements_in_force_are_disjoint_and_say_what_the_oracle_says():
    rows = CONFIG["agreement_in_force"].to_pylist()
    assert rows
    for row in rows:
        version = version_in_force(WORLD, row["agreement_id"], seconds(row["from_at"]))
        assert version is not None
        assert version.agreement_key == row["agreement_key"]
        if row["to_at"] is not None:
            after = version_in_force(WORLD, row["agreement_id"], seconds(row["to_at"]))
            assert after is None or after.agreement_key != row["agreement_key"]


def test_canonical_tables_hold_what_as_of_sees():
    assert set(CANONICAL) == set(CANONICAL_SCHEMAS)
    messages = CANONICAL["int_messages"].to_pylist()
    assert {m["message_id"] for m in messages} == {m.message_id for m in WORLD.messages if m.is_seen(WORLD.as_of)}
    for name in ("int_status_changes", "int_priority_changes", "int_assignments"):
        assert all(seconds(row["changed_at"]) <= WORLD.as_of for row in CANONICAL[name].to_pylist())
    conversations = CANONICAL["int_conversations"].to_pylist()
    assert {c["conversation_id"] for c in conversations if c["merged_at"]} == set(WORLD.merge_of)
    assert all(m["direction"] == "inbound" for m in messages if m["author_role"] == "customer")


def test_canonical_tables_hold_hand_overs_to_teams_people_and_nobody():
    rows = CANONICAL["int_assignments"].to_pylist()
    assert {row["team_id"] for row in rows} == {"a", "b", "c", None}
    assert {row["team_id"] for row in rows if row["team_member_id"] is None} == {"a", "b", "c", None}
    assert all(row["team_id"] == row["team_member_id"][0] for row in rows if row["team_member_id"])
    second = Counter((row["conversation_id"], row["changed_at"]) for row in rows)
    assert max(second.values()) > 1
    assert {row["measures_people"] for row in CONFIG["agreements"].to_pylist()} == {True, False}


def test_some_conversations_were_split_off_after_their_first_message():
    first = {m.conversation_id: m.published_at for m in reversed(WORLD.messages) if m.is_eligible_inbound}
    later = [name for name, c in WORLD.conversations.items() if c.created_at > first[name] + 60]
    assert later
    for name in later:
        changes = [c.at for c in WORLD.status_changes + WORLD.priority_changes if c.conversation_id == name]
        assert min(changes, default=WORLD.as_of) >= WORLD.conversations[name].created_at


def test_the_teams_that_a_goal_is_about_are_in_its_row_where_there_is_a_column(monkeypatch):
    columns = [field for field in TABLE_SCHEMAS["goals"] if field.name != "teams"]
    monkeypatch.setitem(TABLE_SCHEMAS, "goals", pa.schema(columns))
    assert "teams" not in config_tables(WORLD)["goals"].column_names
    monkeypatch.setitem(TABLE_SCHEMAS, "goals", pa.schema([*columns, pa.field("teams", pa.list_(pa.string()))]))
    stated = {(row["goal_key"], tuple(row["teams"] or ())) for row in config_tables(WORLD)["goals"].to_pylist()}
    assert stated == {
        (goal_key(v, g), tuple(ID_PREFIX + team for team in sorted(g.teams or ())))
        for v in WORLD.agreements
        for g in v.goals
    }
    worlds = [random_month(seed, conversations=12) for seed in range(6)]
    assert any(g.teams for world in worlds for v in world.agreements for g in v.goals)


def test_a_world_has_goals_of_the_metrics_that_were_asked_for():
    for metrics in (ALL_METRICS, BASIC_METRICS, FURTHER_METRICS):
        world = random_month(7, conversations=12, metrics=metrics)
        assert {goal.metric for version in world.agreements for goal in version.goals} == set(metrics)


def test_every_schedule_of_a_goal_is_expanded_past_every_due():
    last = max(row["closes_at"] for row in CONFIG["schedule_intervals"].to_pylist())
    dues = [row["due_at"] for row in map(clock_row, all_clocks(WORLD)) if row["due_at"] is not None]
    assert max(dues) < last


def test_the_comparison_is_silent_on_the_same_and_names_what_differs():
    clocks = all_clocks(WORLD)
    rows = [clock_row(clock) for clock in clocks]
    assert clock_differences(clocks, rows) == []
    number = next(n for n, row in enumerate(rows) if row["outcome"] == "met")
    wrong = [*rows[:number], rows[number] | {"outcome": "missed"}, *rows[number + 1 : -1]]
    found = clock_differences(clocks, wrong)
    assert [d.column for d in found if d.key[2] == rows[number]["conversation_id"]] == ["outcome"]
    assert [d.warehouse for d in found if d.column == "row"] == [None]
    assert sum(summary(found).values()) == 2
    gap = next(row for row in rows if row["metric"] == "periodic_update")
    found = clock_differences(
        clocks, [row | {"cycle_number": 99, "team_id": "z"} if row is gap else row for row in rows]
    )
    assert [d.column for d in found] == ["team_id", "cycle_number"]
    prefixed = [
        row | {n: row[n] and ID_PREFIX + row[n] for n in ("message_id", "response_message_id", "team_id")}
        for row in rows
    ]
    assert clock_differences(clocks, prefixed) == []
    months = monthly(WORLD, clocks)
    month_rows = [vars(m) | {"decided_count": m.decided_count} for m in months]
    assert month_differences(months, month_rows) == []
    worse = [row | {"met_count": row["met_count"] + 1} for row in month_rows]
    assert {d.column for d in month_differences(months, worse)} == {"met_count"}


def test_a_world_cut_to_one_conversation_gives_the_same_clocks():
    clocks = all_clocks(WORLD)
    for name in list(WORLD.conversations)[:40]:
        alone = all_clocks(only(WORLD, name))
        assert [c for c in alone if c.conversation_id == name] == [c for c in clocks if c.conversation_id == name]
        assert describe(WORLD, name).startswith(name)
