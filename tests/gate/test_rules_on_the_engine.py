"""No rule says a word about what the clock engine makes of random months, whatever happens in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from social_sla.quality.declarations import load_suites
from social_sla.settings import PROJECT_DIR

from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables
from tests.oracle.generate import random_month
from tests.support.engine import MARTS, Engine

TABLES = (
    *MARTS,
    *("fct_message", "fct_conversation", "dim_agreement", "dim_channel", "dim_customer", "dim_date", "dim_goal"),
    *(
        "dim_party",
        "dim_schedule_interval",
        "fct_service_credit",
        "team_attainment_monthly",
        "support_availability_monthly",
    ),
    *("fct_incoming_volume_hourly", "fct_incoming_volume_daily", "channel_volume_monthly"),
)
# What a made-up month cannot have: a month's usual volume, a last release, pseudonyms. It has priorities that nobody
# knows, and conversations that were made after as_of or without a message.
LEFT_OUT = {
    *(f"fct_message.{rule}" for rule in ("month_collapsed", "last_days_collapsed", "channel_has_messages")),
    *(f"fct_message.{rule}" for rule in ("month_collapsed_since_release", "month_shrank_since_release")),
    "dim_customer.no_personal_data",
    *(f"fct_conversation.{rule}" for rule in ("accepted_values", "references", "nothing_after_as_of")),
}
RULES = {
    expectation.name: expectation
    for suite in load_suites(PROJECT_DIR / "expectations" / "declared")
    for expectation in suite.expectations
    if suite.table.removeprefix("marts.") in TABLES and expectation.name not in LEFT_OUT
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine.compile(Path(tmp_path_factory.mktemp("engine")), marts=TABLES)


@pytest.fixture(params=range(6))
def marts(request: pytest.FixtureRequest, engine: Engine) -> Iterator[duckdb.DuckDBPyConnection]:
    """A random month of all ten measures, measured by the engine."""
    world = random_month(request.param, conversations=150)
    tables = {f"config.{name}": table for name, table in config_tables(world).items()}
    tables |= {f"intermediate.{name}": table for name, table in canonical_tables(world).items()}
    with engine.run(tables) as connection:
        # Teams come from a source's own list of them.
        connection.execute(
            "create table marts.dim_team as select distinct team_id from marts.fct_sla_clock where team_id is not null"
        )
        yield connection


def test_a_random_month_breaks_no_rule(marts: duckdb.DuckDBPyConnection) -> None:
    (metric_count, clock_count) = marts.execute(
        "select count(distinct metric), count(*) from marts.fct_sla_clock"
    ).fetchone() or (0, 0)
    assert metric_count == 10
    assert clock_count > 500
    broken = {name: rows for name, rule in RULES.items() if (rows := marts.execute(rule.readable_sql).fetchmany(3))}
    assert broken == {}
