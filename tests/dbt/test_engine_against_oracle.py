"""The SQL engine and the plain-Python oracle agree on every clock and every month of random worlds.

The oracle (tests/oracle) shares no code with the engine: it walks local dates, events and seconds. Each seed is a
month with several agreements, calendars in both hemispheres over changes of daylight saving time, ties, skew, merges,
reopenings and the rest.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle.clocks import Clock, all_clocks
from tests.oracle.compare import (
    budget_differences,
    clock_differences,
    describe,
    month_differences,
    team_month_differences,
)
from tests.oracle.figures import cohorts, error_budgets, people_months, team_months
from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables
from tests.oracle.generate import random_month, worlds
from tests.oracle.generate_threads import Oddities
from tests.oracle.model import BASIC_METRICS, World
from tests.oracle.monthly import GoalMonth, all_flags, monthly
from tests.support.engine import MARTS, Engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine.compile(Path(tmp_path_factory.mktemp("engine")), marts=(*MARTS, "team_attainment_monthly"))


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
        found += [str(each) for each in budget_differences(error_budgets(world, clocks, months), monthly_rows)]
        found += _cohort_differences(world, clocks, monthly_rows)
        found += _team_differences(world, clocks, connection)
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


def _cohort_differences(world: World, clocks: list[Clock], rows: list[dict]) -> list[str]:
    expected = cohorts(world, clocks)
    actual = {
        (row["agreement_id"], row["goal_id"], row["period"]): (row["cohort_met_count"], row["cohort_missed_count"])
        for row in rows
        if row["cohort_met_count"] or row["cohort_missed_count"]
    }
    return [
        f"{key}: cohort oracle={expected.get(key)} warehouse={actual.get(key)}"
        for key in sorted(expected.keys() | actual.keys(), key=str)
        if expected.get(key) != actual.get(key)
    ]


def _team_differences(world: World, clocks: list[Clock], connection) -> list[str]:
    whole = _rows(connection, "select * from marts.team_attainment_monthly where is_whole_team")
    people = _rows(connection, "select * from marts.team_attainment_monthly where not is_whole_team")
    found = team_month_differences(team_months(world, clocks, with_people=False), whole)
    return [str(each) for each in found + team_month_differences(people_months(world, clocks), people)]


def _flag_differences(world: World, months: list[GoalMonth], connection) -> list[str]:
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
    found = disagreements(engine, random_month(seed, conversations=120))
    assert not found, "\n".join(found[:5])


@pytest.mark.slow
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=worlds(conversations=4))
def test_every_clock_of_a_world_that_hypothesis_shrinks(engine: Engine, world: World) -> None:
    found = disagreements(engine, world)
    assert not found, "\n".join(found[:5])


# Hypothesis shrinks what it finds; what it found once stays here, with the oddities and measures that there were then.
PAST = Oddities(deleted_message=0, split=0, crossed=0)


@pytest.mark.parametrize("seed", [2, 142])
def test_counter_examples_of_the_past(engine: Engine, seed: int) -> None:
    """2: a message and a merge in one second; 142: a pause that begins at the very second of as_of."""
    assert not disagreements(engine, random_month(seed, conversations=100, odd=PAST, metrics=BASIC_METRICS))
