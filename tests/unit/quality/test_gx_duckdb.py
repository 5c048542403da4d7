"""Great Expectations on DuckDB: the fault that the compat module mends, and when it is no longer needed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from social_sla.quality import gx_duckdb

gx_duckdb.silence_analytics()
gx = pytest.importorskip("great_expectations")
engine_module = pytest.importorskip("great_expectations.execution_engine.sqlalchemy_execution_engine")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "database.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table t as select 1 as a")
    return path


@pytest.fixture
def unmended(monkeypatch: pytest.MonkeyPatch) -> None:
    """GX as it was installed."""
    own = tuple(one for one in engine_module._PERSISTED_CONNECTION_DIALECTS if str(one) != "duckdb")
    monkeypatch.setattr(engine_module, "_PERSISTED_CONNECTION_DIALECTS", own)


def row_count_holds(database: Path) -> bool:
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_sql("source", connection_string=gx_duckdb.read_only_url(database))
    batch = source.add_table_asset("t", table_name="t").add_batch_definition_whole_table("whole").get_batch()
    return bool(batch.validate(gx.expectations.ExpectTableRowCountToEqual(value=1)).success)


@pytest.mark.usefixtures("unmended")
def test_without_the_mend_every_metric_fails(database: Path) -> None:
    """When this fails, GX can do without: remove keep_duckdb_connected and its call (GX issue 11579)."""
    assert not row_count_holds(database)


@pytest.mark.usefixtures("unmended")
def test_with_the_mend_metrics_work_and_mending_twice_changes_nothing(database: Path) -> None:
    gx_duckdb.keep_duckdb_connected()
    once = engine_module._PERSISTED_CONNECTION_DIALECTS
    gx_duckdb.keep_duckdb_connected()
    assert once == engine_module._PERSISTED_CONNECTION_DIALECTS
    assert row_count_holds(database)


def test_the_url_cannot_write(tmp_path: Path) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError

    odd = tmp_path / "odd name #1.duckdb"
    with duckdb.connect(str(odd)) as connection:
        connection.execute("create table t as select 1 as a")
    engine = create_engine(gx_duckdb.read_only_url(odd))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.exec_driver_sql("insert into t values (2)")
    engine.dispose()


def test_prepared_connections_are_prepared_and_all_closed(database: Path) -> None:
    from sqlalchemy import create_engine

    prepared = []
    with gx_duckdb.connections_prepared(lambda query: prepared.append(query("select count(*) from t"))):
        engine = create_engine(gx_duckdb.read_only_url(database))
        engine.connect()
    assert [[tuple(row) for row in rows] for rows in prepared] == [[(1,)]]
    # In one process a second connect sees the file only when every handle on it is closed.
    with duckdb.connect(str(database)) as writer:
        writer.execute("insert into t values (2)")
