"""The SQL engine and the plain-Python oracle agree on every clock and every month of random worlds.

The oracle (tests/oracle) shares no code with the engine: it walks local dates, events and seconds. Each seed is a
month with several agreements, calendars in both hemispheres over changes of daylight saving time, ties, skew, merges,
reopenings and the rest.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle.clocks import all_clocks
from tests.oracle.compare import clock_differences, describe, month_differences
from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables
from tests.oracle.generate import random_month, worlds
from tests.oracle.generate_threads import Oddities
from tests.oracle.model import World
from tests.oracle.monthly import all_flags, monthly
from tests.support.engine import Engine

# Messages that are deleted at the source after they were landed (D16) come from neither X nor Zendesk: the engine does
# not read `deleted_at` of a message yet.
ODDITIES = Oddities(deleted_message=0)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine.compile(Path(tmp_path_factory.mktemp("engine")))


def disagreements(engine: Engine, world: World) -> list[str]:
    """Every difference between oracle and warehouse, in words; empty when they agree."""
    tables = {f"config.{name}": table for name, table in config_tables(world).items()}
    tables |= {f"intermediate.{name}": table for name, table in canonical_tables(world).items()}
    connection = engine.run(tables)
    try:
        clocks = all_clocks(world)
        rows = _rows(connection, "select *, priority as priority_at_start from marts.fct_sla_clock")
        found = [f"{each}\n{describe(world, each.key[2])}" for each in clock_differences(clocks, rows)]
        months = monthly(world, clocks)
        monthly_rows = _rows(connection, "select * from marts.agreement_goal_monthly")
        found += [str(each) for each in month_differences(months, monthly_rows)]
        found += _flag_differences(world, months, connection)
        found += [
            f"segments of {clock_id} do not add up"
            for (clock_id,) in connection.execute(
                """
                select clock_id
                from marts.fct_sla_clock as clocks
                left join (
                    select
                        clock_id,
                        sum(business_seconds) filter (where state = 'running') as business,
                        sum(calendar_seconds) filter (where state = 'running') as calendar
                    from marts.fct_sla_clock_segment
                    group by clock_id
                ) as segments using (clock_id)
                where
                    coalesce(business, 0) <> elapsed_business_seconds
                    or coalesce(calendar, 0) <> elapsed_calendar_seconds
                """
            ).fetchall()
        ]
        return found
    finally:
        connection.close()


def _rows(connection, sql: str) -> list[dict]:
    relation = connection.execute(sql)
    names = [column[0] for column in relation.description]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def _flag_differences(world: World, months, connection) -> list[str]:
    expected = {
        (f.agreement_id, f.goal_id, f.reason, f.first_period, f.last_period, f.missed_period_count, f.state)
        for f in all_flags(world, months)
    }
    actual = set(
        connection.execute(
            "select agreement_id, goal_id, reason, first_period, last_period, missed_period_count, state "
            "from marts.fct_termination_review_flag"
        ).fetchall()
    )
    return [f"flag only in the oracle: {f}" for f in sorted(expected - actual, key=str)] + [
        f"flag only in the warehouse: {f}" for f in sorted(actual - expected, key=str)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_every_clock_of_a_random_month(engine: Engine, seed: int) -> None:
    found = disagreements(engine, random_month(seed, conversations=120, odd=ODDITIES))
    assert not found, "\n".join(found[:5])


@pytest.mark.slow
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=worlds(conversations=4, odd=ODDITIES))
def test_every_clock_of_a_world_that_hypothesis_shrinks(engine: Engine, world: World) -> None:
    found = disagreements(engine, world)
    assert not found, "\n".join(found[:5])


# Hypothesis shrinks what it finds; what it found once stays here.
@pytest.mark.parametrize("seed", [2, 142])
def test_counter_examples_of_the_past(engine: Engine, seed: int) -> None:
    """2: a message and a merge in one second; 142: a pause that begins at the very second of as_of."""
    assert not disagreements(engine, random_month(seed, conversations=100, odd=ODDITIES))
