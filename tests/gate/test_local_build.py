"""The same on the real thing: the marts that dbt built here last (`make run`), where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from social_sla.quality.declarations import load_suites
from social_sla.quality.session import RELEASED_COLUMNS, prepare
from social_sla.settings import PROJECT_DIR, Settings

RULES = {
    expectation.name: expectation
    for suite in load_suites(PROJECT_DIR / "expectations" / "declared")
    for expectation in suite.expectations
}
READ = {"intermediate": ("int_messages", "int_conversations", "int_unmapped_statuses"), "landing": ("manifest",)}
MET = "clock_id = (select min(clock_id) from marts.fct_sla_clock where outcome = 'met')"
BUSIEST = "(select channel_id from marts.fct_message group by 1 order by count(*) desc, 1 limit 1)"
LAST_MONTH = "(select date_trunc('month', as_of) - interval 1 month from config.load)"
OF_LAST_MONTH = f"published_at >= {LAST_MONTH} and published_at < {LAST_MONTH} + interval 1 month"

PLANTS = {
    "fct_sla_clock.non_negative": f"update marts.fct_sla_clock set elapsed_seconds = -1 where {MET}",
    "fct_sla_clock.key": f"insert into marts.fct_sla_clock select * from marts.fct_sla_clock where {MET}",
    "fct_sla_clock.met_within_target": f"update marts.fct_sla_clock set outcome = 'missed' where {MET}",
    "fct_sla_clock.decided_at_first_of_stop_and_due": f"update marts.fct_sla_clock set decided_at = null where {MET}",
    "fct_sla_clock.business_is_open_time": f"update marts.fct_sla_clock set elapsed_business_seconds = 0 where {MET}",
    "fct_sla_clock.version_in_force_at_start": "update config.agreement_in_force "
    "set from_at = from_at + interval 60 day",
    "fct_sla_clock.starts_at_its_message": "update marts.fct_sla_clock set started_at = started_at - interval 1 second "
    f"where {MET}",
    "fct_sla_clock.due_uses_up_the_target": "update marts.fct_sla_clock set due_at = due_at - interval 1 second "
    f"where {MET}",
    "fct_sla_clock_segment.business_is_open_time": "update marts.fct_sla_clock_segment "
    f"set business_seconds = business_seconds + 1 where {MET}",
    "fct_sla_clock.every_conversation_has_a_clock": "delete from marts.fct_sla_clock where metric = 'first_response' "
    f"and conversation_id = (select conversation_id from marts.fct_sla_clock where {MET})",
    "fct_sla_clock.every_message_has_a_clock": "delete from marts.fct_sla_clock where clock_id = "
    "(select min(clock_id) from marts.fct_sla_clock where metric = 'next_response')",
    "fct_sla_clock_segment.sums_to_elapsed": f"delete from marts.fct_sla_clock_segment where {MET}",
    "agreement_goal_monthly.counts_are_the_clocks": "delete from marts.agreement_goal_monthly where decided_count > 0",
    "int_unmapped_statuses.none": "insert into intermediate.int_unmapped_statuses by name "
    "select 'zendesk' as source, 'parked' as source_status, 3 as event_count",
    "fct_message.month_collapsed": f"delete from marts.fct_message where {OF_LAST_MONTH}",
    "fct_message.month_collapsed_since_release": f"delete from marts.fct_message where channel_id = {BUSIEST} "
    f"and {OF_LAST_MONTH} and hash(message_id) % 10 <> 0",
    "fct_message.last_days_collapsed": "delete from marts.fct_message where hash(message_id) % 10 <> 0 "
    "and published_at >= (select as_of - interval 7 day from config.load)",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch copy of what the rules read of the local build, with itself as the last release."""
    warehouse = Settings.from_env().warehouse_path
    if not warehouse.exists():
        pytest.skip(f"no local build at {warehouse}: `make run` makes one")
    connection = duckdb.connect(str(tmp_path_factory.mktemp("local") / "scratch.duckdb"))
    try:
        # Under its own name: the canonical views name the database that they were made in.
        connection.execute(f"attach '{warehouse}' as {warehouse.stem} (read_only)")
    except duckdb.Error as error:
        pytest.skip(f"the local build is in use: {error}")
    tables = connection.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = ? order by all",
        [warehouse.stem],
    ).fetchall()
    for schema in ("marts", "config", "intermediate", "landing"):
        connection.execute(f"create schema {schema}")
    for schema, name in tables:
        if schema in ("marts", "config") or name in READ.get(schema, ()):
            connection.execute(f"create table {schema}.{name} as from {warehouse.stem}.{schema}.{name}")
    connection.execute(f"detach {warehouse.stem}")
    if ("marts", "fct_sla_clock") not in tables:
        pytest.skip("the local warehouse holds no marts yet")
    if ("marts", "dim_schedule_interval") not in tables:
        pytest.skip("the local build is older than the project: `make run` makes it anew")
    prepare(lambda sql: connection.execute(sql).fetchall(), Path("no release"))
    columns = ", ".join(RELEASED_COLUMNS)
    connection.execute(f"insert into released.main.fct_message select {columns} from marts.fct_message")
    yield connection
    connection.close()


def test_the_local_build_breaks_no_rule(built: duckdb.DuckDBPyConnection) -> None:
    broken = {name: rows for name, rule in RULES.items() if (rows := built.execute(rule.readable_sql).fetchmany(3))}
    assert broken == {}


@pytest.mark.parametrize("name", PLANTS)
def test_a_fault_planted_into_the_local_build_is_found(name: str, built: duckdb.DuckDBPyConnection) -> None:
    (count,) = built.execute("select count(*) from marts.fct_message").fetchone() or (0,)
    if count < 20_000:
        pytest.skip("the local build is of few messages: nothing supports a judgement of its volume")
    built.execute("begin")
    try:
        built.execute(PLANTS[name])
        assert built.execute(RULES[name].readable_sql).fetchall()
    finally:
        built.execute("rollback")
