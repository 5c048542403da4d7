"""Every declared expectation holds on good data and names the rows of a fault planted for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from social_sla.quality.declarations import Expectation, Suite, load_suites
from social_sla.quality.session import RELEASED_COLUMNS, prepare
from social_sla.settings import PROJECT_DIR

from tests.gate.plants import PLANTS
from tests.gate.synthetic import build_warehouse
from tests.support.reference import reference_file

SUITES = load_suites(PROJECT_DIR / "expectations" / "declared")
RULES = {expectation.name: expectation for suite in SUITES for expectation in suite.expectations}
STANDARD = {"key", "not_null", "accepted_values", "references", "non_negative", "not_empty"}
NAMED = {name for name, expectation in RULES.items() if expectation.rule not in STANDARD}


@pytest.fixture(scope="module")
def opened(good_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch copy, with itself as the last release."""
    path = tmp_path_factory.mktemp("scratch") / "warehouse.duckdb"
    path.write_bytes(good_warehouse.read_bytes())
    with duckdb.connect(str(path)) as connection:
        prepare(lambda sql: connection.execute(sql).fetchall(), path.with_name("marts.duckdb"))
        connection.execute(
            f"insert into released.main.fct_message select {', '.join(RELEASED_COLUMNS)} from marts.fct_message"
        )
        yield connection


@pytest.fixture
def scratch(opened: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    opened.execute("begin")
    yield opened
    opened.execute("rollback")


def broken(connection: duckdb.DuckDBPyConnection, expectation: Expectation) -> list[tuple]:
    return connection.execute(expectation.readable_sql).fetchall()


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_good_data_break_no_rule(suite: Suite, scratch: duckdb.DuckDBPyConnection) -> None:
    assert {found.name: rows for found in suite.expectations if (rows := broken(scratch, found))} == {}


def test_every_mart_is_looked_at() -> None:
    models = {file.stem for file in (PROJECT_DIR / "dbt_project" / "models" / "marts").rglob("*.sql")}
    assert models <= {suite.table.removeprefix("marts.") for suite in SUITES}


def test_every_named_rule_has_a_planted_fault() -> None:
    assert set(PLANTS) == NAMED


@pytest.mark.parametrize(("name", "plant"), [(name, plant) for name, plants in PLANTS.items() for plant in plants])
def test_a_planted_fault_is_found(name: str, plant: str, scratch: duckdb.DuckDBPyConnection) -> None:
    scratch.execute(plant)
    assert broken(scratch, RULES[name])


def one_row(table: str) -> str:
    return f"rowid = (select min(rowid) from {table})"


STANDARD_PLANTS = [
    pytest.param(expectation, column, id=f"{expectation.name}-{column}")
    for suite in SUITES
    for expectation in suite.expectations
    if expectation.rule in STANDARD
    for column in expectation.columns or ("",)
]


@pytest.mark.parametrize(("expectation", "column"), STANDARD_PLANTS)
def test_a_standard_rule_finds_its_fault_in_every_column(
    expectation: Expectation, column: str, scratch: duckdb.DuckDBPyConnection
) -> None:
    table, where = expectation.table, one_row(expectation.table)
    change = {
        "key": f"insert into {table} select * from {table} where {where}",
        "not_null": f"update {table} set {column} = null where {where}",
        "accepted_values": f"update {table} set {column} = 'nonsense' where {where}",
        "references": f"update {table} set {column} = 'nowhere' where {where}",
        "non_negative": f"update {table} set {column} = -1 where {where}",
        "not_empty": f"delete from {table}",
    }[expectation.rule]
    scratch.execute(change)
    rows = broken(scratch, expectation)
    assert len(rows) == 1
    if expectation.rule not in ("key", "not_empty"):
        assert any(column in str(value) for value in rows[0])


def test_every_mart_has_a_key() -> None:
    without = {suite.name for suite in SUITES if suite.table.startswith("marts.") and f"{suite.name}.key" not in RULES}
    # Nobody's clocks have no team: its rule one_row_each counts nulls as a value.
    assert without == {"team_attainment_monthly"}


@pytest.mark.parametrize(
    "suite", [suite for suite in SUITES if f"{suite.name}.key" in RULES], ids=lambda suite: suite.name
)
def test_a_key_is_never_null(suite: Suite, scratch: duckdb.DuckDBPyConnection) -> None:
    key = RULES[f"{suite.name}.key"]
    scratch.execute(f"update {suite.table} set {key.columns[-1]} = null where {one_row(suite.table)}")
    assert broken(scratch, key)


def test_rows_in_messages_are_named_by_ids_and_never_by_texts(scratch: duckdb.DuckDBPyConnection) -> None:
    """Samples are stored and logged: no rule selects a column that could hold what a person wrote (P1)."""
    for expectation in RULES.values():
        scratch.execute(expectation.readable_sql)
        columns = {name for name, *_rest in scratch.description or []}
        assert not columns & {"body", "text", "subject", "payload", "author", "name", "email", "*"}, expectation.name


def test_a_sparse_irregular_history_raises_no_alarm(tmp_path: Path) -> None:
    """Few rows over months, then nearly all at the end, silent months and days: nothing supports an alarm."""
    with duckdb.connect(str(build_warehouse(tmp_path / "warehouse.duckdb", is_sparse=True))) as connection:
        prepare(lambda sql: connection.execute(sql).fetchall(), tmp_path / "no release")
        volumes = [RULES[f"fct_message.{rule}"] for rule in ("month_collapsed", "last_days_collapsed")]
        assert {found.name: rows for found in volumes if (rows := broken(connection, found))} == {}


@pytest.mark.parametrize("by_brand", [False, True])
def test_real_public_messages_raise_no_alarm(by_brand: bool) -> None:
    """2011-2017, nearly all in the last two months, looked at on every day of those."""
    file = reference_file("data", "twcs.csv")
    channel = "case when inbound = 'True' then 'all' else author_id end" if by_brand else "'all'"
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema config")
        connection.execute(
            f"create table marts.fct_message as select 'x' as source, {channel} as channel_id, "
            "case inbound when 'True' then 'inbound' else 'outbound' end as direction, "
            "strptime(created_at, '%a %b %d %H:%M:%S %z %Y')::timestamp as published_at "
            f"from read_csv('{file}', all_varchar = true)"
        )
        alarms = {}
        for day in range(65):
            connection.execute(
                f"create or replace table config.load as select timestamp '2017-10-02' + to_days({day}) as as_of"
            )
            connection.execute("create or replace table seen as select * from marts.fct_message")
            connection.execute("delete from marts.fct_message where published_at > (select as_of from config.load)")
            for rule in ("month_collapsed", "last_days_collapsed"):
                if rows := broken(connection, RULES[f"fct_message.{rule}"]):
                    alarms[day, rule] = rows
            connection.execute("create or replace table marts.fct_message as select * from seen")
        assert alarms == {}
