"""Support availability (M14): the SQL and the plain-Python oracle agree on hand-worked months and on random ones.

The oracle (tests/oracle/availability.py) walks from change to change; the SQL subtracts positions on business clocks.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pyarrow as pa
import pytest

from tests.oracle.availability import support_months
from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables
from tests.oracle.generate import random_month
from tests.oracle.generate_threads import Oddities
from tests.oracle.hours import Hours
from tests.oracle.model import AgreementVersion, World
from tests.oracle.test_golden_availability import CASES
from tests.support.engine import Engine

COLUMNS = ("agreement_id", "channel_id", "period", "promised_seconds", "work_seconds", "staffed_seconds")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine.compile(Path(tmp_path_factory.mktemp("engine")), marts=("support_availability_monthly",))


def differences(engine: Engine, world: World, schedule_of: dict[str, str | None]) -> list[str]:
    """Rows that only one side has, where each version's hours are those of `schedule_of` (None: always)."""
    hours = {key: Hours(world.schedules[name]) if name else None for key, name in schedule_of.items()}
    expected = {
        tuple(getattr(row, name) for name in COLUMNS)
        for row in support_months(world, lambda version: hours[version.agreement_key])
    }
    tables = config_tables(world)
    agreements = tables["agreements"]
    named = pa.array([schedule_of[key] for key in agreements["agreement_key"].to_pylist()], pa.string())
    tables["agreements"] = agreements.set_column(agreements.schema.get_field_index("schedule_id"), "schedule_id", named)
    given = {f"config.{name}": table for name, table in tables.items()}
    given |= {f"intermediate.{name}": table for name, table in canonical_tables(world).items()}
    connection = engine.run(given)
    try:
        found = set(
            connection.execute(f"select {', '.join(COLUMNS)} from marts.support_availability_monthly").fetchall()
        )
        wrong = connection.execute(
            """
            select * from marts.support_availability_monthly
            where
                staffed_seconds + unstaffed_seconds <> work_seconds
                or availability_rate is distinct from staffed_seconds / nullif(work_seconds, 0)
                or coverage_rate is distinct from work_seconds / nullif(promised_seconds, 0)
            """
        ).fetchall()
    finally:
        connection.close()
    return (
        [f"only in the oracle: {row}" for row in sorted(expected - found)]
        + [f"only in the warehouse: {row}" for row in sorted(found - expected)]
        + [f"does not add up: {row}" for row in wrong]
    )


def some_hours(world: World, version: AgreementVersion) -> str | None:
    """One of the world's schedules or none, the same for the same version."""
    names = [None, *sorted(world.schedules)]
    return names[crc32(version.agreement_key.encode()) % len(names)]


@pytest.mark.parametrize(("told", "schedule_id", "expected"), CASES, ids=[f"{c[0].__name__}-{c[1]}" for c in CASES])
def test_m14_the_hand_worked_months(engine: Engine, told, schedule_id, expected) -> None:
    world = told().world
    assert not differences(engine, world, {v.agreement_key: schedule_id for v in world.agreements})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_m14_every_channel_of_a_random_month(engine: Engine, seed: int) -> None:
    world = random_month(seed, conversations=60, odd=Oddities(), with_shared_nights=True)
    found = differences(engine, world, {v.agreement_key: some_hours(world, v) for v in world.agreements})
    assert not found, "\n".join(found[:5])
