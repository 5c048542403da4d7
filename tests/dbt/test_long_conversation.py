"""One thread of 100,000 messages: every turn is there, and the engine does not mind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables
from tests.oracle.model import AgreementVersion, Conversation, Goal, Message, Target, World, floored
from tests.support.engine import Engine

STARTED = floored(datetime(2026, 1, 5, 9, tzinfo=UTC))
MESSAGES = 100_000
# Customer, customer, company: a turn of two questions every 30 seconds, answered 20 seconds after the first.
ROLES = (("inbound", "customer"), ("inbound", "customer"), ("outbound", "person"))


def world() -> World:
    goals = tuple(
        Goal(goal_id=metric, metric=metric, targets={"default": Target(15, "seconds")}, basis="calendar")
        for metric in ("first_response", "next_response")
    )
    agreement = AgreementVersion(
        agreement_id="a",
        version=1,
        zone="UTC",
        valid_from=date(2026, 1, 1),
        valid_to=None,
        channels=frozenset({"x"}),
        goals=goals,
        parties=("a",),
    )
    made = World(
        as_of=STARTED + 10 * MESSAGES,
        schedules={},
        agreements=[agreement],
        conversations={"c": Conversation("c", "x", STARTED)},
        channel_zones={"x": "UTC"},
    )
    for number in range(MESSAGES):
        direction, role = ROLES[number % 3]
        made.messages.append(Message(f"m{number:06}", "c", STARTED + 10 * number, direction, role, source_order=number))
    return made


@pytest.mark.slow
def test_every_turn_of_a_hundred_thousand_messages_has_its_clock(tmp_path: Path) -> None:
    engine = Engine.compile(tmp_path)
    made = world()
    tables = {f"config.{name}": table for name, table in config_tables(made).items()}
    tables |= {f"intermediate.{name}": table for name, table in canonical_tables(made).items()}
    connection = engine.run(tables)
    # 33,333 whole turns, all missed: 20 seconds against 15. The last message waits for its answer.
    found = connection.execute(
        "select metric, outcome, count(*), min(elapsed_seconds), max(elapsed_seconds), count(distinct message_id) "
        "from marts.fct_sla_clock group by all order by all"
    ).fetchall()
    assert found == [
        ("first_response", "missed", 1, 20, 20, 1),
        ("next_response", "missed", 33_332, 20, 20, 33_332),
        ("next_response", "running", 1, 10, 10, 1),
    ]
    (cycles,) = connection.execute("select max(cycle_number) from marts.fct_sla_clock").fetchone() or (0,)
    assert cycles == 33_334
