"""Promise kept (M13): the SQL and a plain calculation agree on every channel and hour of the week of random months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random

import pytest
from social_sla.agreements.table_schemas import TABLE_SCHEMAS

from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import Row, config_tables, instant, make_table
from tests.oracle.generate import random_month
from tests.oracle.generate_threads import Oddities
from tests.oracle.hours import Hours, local_time
from tests.oracle.model import World
from tests.oracle.monthly import month_bounds, month_of, next_month
from tests.oracle.promises import Promise, hourly
from tests.support.engine import Engine

COUNTS = (
    *("message_count", "promised_count", "kept_count", "pending_count", "left_out_count", "outside_hours_count"),
    *("calendar_decided_count", "calendar_kept_count"),
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine.compile(Path(tmp_path_factory.mktemp("engine")), marts=("channel_promise_hourly",))


def _promises(world: World, rnd: Random) -> list[Promise]:
    """One a channel: any schedule or none, any basis, a short or a long time."""
    goals = [goal for version in world.agreements for goal in version.goals]
    any_counts = any(goal.responder == "any" and goal.metric.endswith("response") for goal in goals)
    found = []
    for channel_id in sorted({item.channel_id for item in world.conversations.values()}):
        name = rnd.choice([None, *sorted(world.schedules)])
        unit = rnd.choice(["minutes", "hours", *(["business_days"] if name else [])])
        found.append(
            Promise(
                channel_id=channel_id,
                responder=rnd.choice(["human", "any"] if any_counts else ["human"]),
                hours=Hours(world.schedules[name]) if name else None,
                is_business=unit == "business_days" or rnd.random() < 0.6,
                count=rnd.choice([1, 2, 30]) if unit != "business_days" else rnd.choice([1, 2]),
                unit=unit,
                zone=world.channel_zones.get(channel_id, "UTC"),
            )
        )
    return found


def _months(world: World) -> Iterator[Row]:
    """The months of every zone that the world's agreements have, and UTC's, as far as there are messages."""
    first = min(month_of(local_time("UTC", message.published_at).date()) for message in world.messages)
    for zone in sorted({"UTC", *(version.zone for version in world.agreements)}):
        period = first
        while period <= world_end(world):
            starts_at, ends_at = month_bounds(zone, period)
            yield {"timezone": zone, "period": period, "starts_at": instant(starts_at), "ends_at": instant(ends_at)}
            period = next_month(period)


def world_end(world: World) -> date:
    """The month after as_of's."""
    return next_month(month_of(local_time("UTC", world.as_of).date()))


@pytest.mark.parametrize("seed", range(12))
def test_m13_every_hour_of_the_week_of_a_random_month(engine: Engine, seed: int) -> None:
    world = random_month(seed, conversations=80, odd=Oddities())
    promises = _promises(world, Random(seed))
    rows = [
        {
            "channel_id": promise.channel_id,
            "agreement_key": "a.v1",
            "goal_key": "a.v1.g",
            "timezone": "UTC",
            "schedule_id": None if promise.hours is None else promise.hours.schedule.schedule_id,
            "basis": "business" if promise.is_business else "calendar",
            "responder": promise.responder,
            "target_value": promise.count,
            "target_unit": promise.unit,
            "target_seconds": {"minutes": 60, "hours": 3600}.get(promise.unit, 0) * promise.count or None,
            "from_at": datetime(1990, 1, 1),
        }
        for promise in promises
    ]
    tables = config_tables(world)
    tables["channel_promises"] = make_table(rows, TABLE_SCHEMAS["channel_promises"])
    tables["periods"] = make_table(_months(world), TABLE_SCHEMAS["periods"])
    given = {f"config.{name}": table for name, table in tables.items()}
    given |= {f"intermediate.{name}": table for name, table in canonical_tables(world).items()}
    expected = {
        (promise.channel_id, period, hour): tuple(counts[name] for name in COUNTS)
        for promise in promises
        for (period, hour), counts in hourly(world, promise).items()
    }
    with engine.run(given) as connection:
        found = {
            row[:3]: row[3:]
            for row in connection.execute(
                f"select channel_id, period, hour_of_week, {', '.join(COUNTS)} from marts.channel_promise_hourly"
            ).fetchall()
        }
    assert sum(row[0] for row in expected.values()) > 100
    assert {key: row for key, row in found.items() if row != expected.get(key)} == {}
    assert set(found) == set(expected)
