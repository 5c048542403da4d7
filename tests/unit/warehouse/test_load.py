"""Landing into the warehouse: incremental, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from social_sla.landing import Landing, LandingRecord, PartitionKey
from social_sla.warehouse import load as load_module
from social_sla.warehouse.load import LoadError, declared_tables, load_landing

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, tzinfo=UTC)


def record(number: int, text: str = "hello") -> LandingRecord:
    return LandingRecord(str(number), START + timedelta(hours=1, microseconds=5), json.dumps({"text": text}))


def land(landing: Landing, records: list[LandingRecord], *, start: datetime = START, stream: str = "mentions") -> str:
    key = PartitionKey("x", "AuroraAir", stream, start, start + DAY)
    landing.replace_partition(key, records, run_id="run", extracted_at=START + DAY, allow_shrink=True)
    return key.partition_key


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(f"file://{tmp_path}/landing")


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def texts(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return warehouse.execute(
        "select record_id, json_extract_string(payload, '$.text') from landing.x__mentions order by all"
    ).fetchall()


def test_every_declared_stream_has_a_table_also_an_empty_one(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection
) -> None:
    report = load_landing(landing, warehouse)
    found = {name for (name,) in warehouse.execute("select table_name from duckdb_tables()").fetchall()}
    assert set(declared_tables()) | {"manifest"} == found
    assert {"x__conversations", "zendesk__ticket_events", "review__signed_figures"} <= set(report.rows)
    assert set(report.rows.values()) == {0}


def test_rows_and_instants_arrive_as_they_were_landed(landing: Landing, warehouse: duckdb.DuckDBPyConnection) -> None:
    key = land(landing, [record(1), record(2)])
    report = load_landing(landing, warehouse)
    assert (report.new, report.changed, report.removed) == (1, 0, 0)
    assert report.tables_changed == ("x__mentions",)
    rows = warehouse.execute("select record_id, record_updated_at, partition_key, source from landing.x__mentions")
    assert rows.fetchall() == [(number, datetime(2026, 3, 1, 1, 0, 0, 5), key, "x") for number in ("1", "2")]
    described = warehouse.execute("select partition_start, row_count, table_name from landing.manifest").fetchall()
    assert described == [(datetime(2026, 3, 1), 2, "x__mentions")]


def test_only_new_and_changed_partitions_are_copied(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, [record(1)])
    second = land(landing, [record(2)], start=START + DAY)
    load_landing(landing, warehouse)
    copied: list[str] = []
    copy = load_module._copy_partition
    monkeypatch.setattr(
        load_module, "_copy_partition", lambda con, src, item: (copied.append(item.partition_key), copy(con, src, item))
    )
    land(landing, [record(1)])  # the same records again: another manifest, the same sha256
    land(landing, [record(2, "edited"), record(3)], start=START + DAY)
    report = load_landing(landing, warehouse)
    assert copied == [second]
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    assert texts(warehouse) == [("1", "hello"), ("2", "edited"), ("3", "hello")]


def test_a_partition_that_left_the_landing_leaves_the_warehouse(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    land(landing, [record(1)])
    key = land(landing, [record(2)], start=START + DAY)
    load_landing(landing, warehouse)
    (tmp_path / "landing" / "manifest" / f"{key}.json").unlink()
    report = load_landing(landing, warehouse)
    assert report.removed == 1
    assert texts(warehouse) == [("1", "hello")]


def test_a_crash_in_the_middle_leaves_the_state_before(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, [record(1)])
    load_landing(landing, warehouse)
    land(landing, [record(1, "edited")])
    land(landing, [record(2)], start=START + DAY)
    copy, done = load_module._copy_partition, []

    def fails_at_the_second(*arguments: object) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(copy(*arguments))  # type: ignore[arg-type]

    monkeypatch.setattr(load_module, "_copy_partition", fails_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        load_landing(landing, warehouse)
    assert texts(warehouse) == [("1", "hello")]
    monkeypatch.undo()
    load_landing(landing, warehouse)
    assert texts(warehouse) == [("1", "edited"), ("2", "hello")]


def test_an_object_store_is_read_through_fsspec(warehouse: duckdb.DuckDBPyConnection) -> None:
    landing = Landing("memory://test-load-landing")
    land(landing, [record(1), record(2)])
    assert load_landing(landing, warehouse).rows["x__mentions"] == 2


def test_files_that_do_not_hold_what_the_manifest_says_are_refused(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    key = land(landing, [record(1), record(2)])
    manifest = tmp_path / "landing" / "manifest" / f"{key}.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"row_count": 3}))
    with pytest.raises(LoadError, match="has 2 rows, its manifest says 3"):
        load_landing(landing, warehouse)
