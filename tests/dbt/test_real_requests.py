"""Real service requests with the city's own verdict: engine, city and oracle agree on each that has a target.

City of Boston 311, January 2022: 100 requests with the instant by which each was promised. The file is read where the
reference folder is beside the project; nothing of it is in the project.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.oracle.clocks import all_clocks
from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables
from tests.oracle.model import (
    AgreementVersion,
    Conversation,
    Goal,
    Message,
    PriorityChange,
    StatusChange,
    Target,
    World,
    floored,
)
from tests.support.engine import Engine
from tests.support.reference import reference_file

BOSTON = ZoneInfo("America/New_York")
AS_OF = floored(datetime(2023, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def requests() -> list[dict[str, str]]:
    with reference_file("data/boston311.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instant(local: str) -> int:
    return floored(datetime.fromisoformat(local).replace(tzinfo=BOSTON))


def promised_seconds(row: dict[str, str]) -> int | None:
    return instant(row["target_dt"]) - instant(row["open_dt"]) if row["target_dt"] else None


@pytest.fixture(scope="module")
def world(requests: list[dict[str, str]]) -> World:
    """Each length of a promise is a priority of its own; a request without one has none, and no target."""
    lengths = {seconds for row in requests if (seconds := promised_seconds(row)) is not None}
    goal = Goal(
        goal_id="closed_in_time",
        metric="full_resolution",
        targets={f"in {seconds} s": Target(seconds, "seconds") for seconds in lengths},
        basis="calendar",
    )
    agreement = AgreementVersion(
        agreement_id="city",
        version=1,
        zone=BOSTON.key,
        valid_from=date(2022, 1, 1),
        valid_to=None,
        channels=frozenset({"311"}),
        goals=(goal,),
        parties=("city",),
    )
    world = World(
        as_of=AS_OF, schedules={}, agreements=[agreement], conversations={}, channel_zones={"311": BOSTON.key}
    )
    for row in requests:
        key, opened = row["case_enquiry_id"], instant(row["open_dt"])
        world.conversations[key] = Conversation(key, "311", opened)
        world.messages.append(Message(f"m{key}", key, opened, "inbound", "customer", source_order=1))
        world.status_changes.append(StatusChange(key, opened, "open", source_order=2))
        if (seconds := promised_seconds(row)) is not None:
            world.priority_changes.append(PriorityChange(key, opened, f"in {seconds} s", source_order=3))
        if row["closed_dt"]:
            world.status_changes.append(StatusChange(key, instant(row["closed_dt"]), "closed", source_order=4))
    return world


@pytest.mark.slow
def test_every_request_with_a_target_has_the_citys_own_verdict(
    requests: list[dict[str, str]], world: World, tmp_path: Path
) -> None:
    engine = Engine.compile(tmp_path)
    tables = {f"config.{name}": table for name, table in config_tables(world).items()}
    tables |= {f"intermediate.{name}": table for name, table in canonical_tables(world).items()}
    connection = engine.run(tables)
    rows = connection.execute(
        "select source_conversation_id, outcome, excluded_reason, due_at, elapsed_seconds from marts.fct_sla_clock"
    ).fetchall()
    clocks = {row[0]: row[1:] for row in rows}
    assert len(rows) == len(requests) == 100

    verdicts = Counter[tuple[str, bool, str]]()
    for row in requests:
        outcome, excluded_reason, due_at, elapsed = clocks[row["case_enquiry_id"]]
        if not row["target_dt"]:
            # The city publishes these as ONTIME: without a promise nothing is decided.
            assert (outcome, excluded_reason) == ("excluded", "no_target")
            continue
        assert due_at == datetime.fromtimestamp(instant(row["target_dt"]), tz=UTC).replace(tzinfo=None)
        if row["closed_dt"]:
            assert elapsed == instant(row["closed_dt"]) - instant(row["open_dt"])
        verdicts[(row["ontime"], bool(row["closed_dt"]), outcome)] += 1
    assert verdicts == {
        ("ONTIME", True, "met"): 72,
        ("OVERDUE", True, "missed"): 5,
        ("OVERDUE", False, "missed"): 12,
    }
    assert Counter(clock.outcome for clock in all_clocks(world)) == Counter(row[1] for row in rows)
