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
from social_sla.warehouse.inputs import Inputs, forget, remember
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


def complete_build(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A build of what is loaded is complete: from now on, loads note what they change."""
    remember(warehouse, Inputs(project="p", config="c", as_of=START, landing={}))


def noted(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return warehouse.execute(
        "select distinct table_name, account, record_id from landing.changed_records order by all"
    ).fetchall()


def texts(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return warehouse.execute(
        "select record_id, json_extract_string(payload, '$.text') from landing.x__mentions order by all"
    ).fetchall()


def test_every_declared_stream_has_a_table_also_an_empty_one(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection
) -> None:
    report = load_landing(landing, warehouse)
    found = {name for (name,) in warehouse.execute("select table_name from duckdb_tables()").fetchall()}
    assert set(declared_tables()) | {"manifest", "changed_records"} == found
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


def test_nothing_is_noted_while_no_complete_build_is_remembered(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection
) -> None:
    land(landing, [record(1)])
    load_landing(landing, warehouse)
    assert noted(warehouse) == []
    complete_build(warehouse)
    forget(warehouse)  # the next build has begun and was killed: the one after it takes up everything
    land(landing, [record(1, "edited"), record(2)])
    load_landing(landing, warehouse)
    assert noted(warehouse) == []


def test_records_of_a_new_partition_are_noted(landing: Landing, warehouse: duckdb.DuckDBPyConnection) -> None:
    land(landing, [record(1)])
    load_landing(landing, warehouse)
    complete_build(warehouse)
    land(landing, [record(2), record(3)], start=START + DAY)
    land(landing, [record(4)], stream="tweets")
    load_landing(landing, warehouse)
    assert noted(warehouse) == [
        ("x__mentions", "AuroraAir", "2"),
        ("x__mentions", "AuroraAir", "3"),
        ("x__tweets", "AuroraAir", "4"),
    ]


def test_records_are_noted_as_they_were_before_and_are_after_their_partition_is_replaced(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection
) -> None:
    land(landing, [record(1), record(2)])
    land(landing, [record(9)], start=START + DAY)
    load_landing(landing, warehouse)
    complete_build(warehouse)
    land(landing, [record(2, "edited"), record(3)])
    load_landing(landing, warehouse)
    # 1 has gone and 3 has come; the other partition is as it was.
    assert noted(warehouse) == [("x__mentions", "AuroraAir", number) for number in ("1", "2", "3")]


def test_records_of_a_partition_that_is_taken_away_are_noted(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    land(landing, [record(1)])
    key = land(landing, [record(2), record(3)], start=START + DAY)
    load_landing(landing, warehouse)
    complete_build(warehouse)
    (tmp_path / "landing" / "manifest" / f"{key}.json").unlink()
    load_landing(landing, warehouse)
    assert noted(warehouse) == [("x__mentions", "AuroraAir", "2"), ("x__mentions", "AuroraAir", "3")]


def test_notes_of_several_loads_add_up_until_a_build_is_complete(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection
) -> None:
    load_landing(landing, warehouse)
    complete_build(warehouse)
    land(landing, [record(1)])
    load_landing(landing, warehouse)
    land(landing, [record(2)], start=START + DAY)
    load_landing(landing, warehouse)
    load_landing(landing, warehouse)  # nothing new
    assert noted(warehouse) == [("x__mentions", "AuroraAir", "1"), ("x__mentions", "AuroraAir", "2")]
    complete_build(warehouse)
    assert noted(warehouse) == []


def test_records_that_are_landed_again_unchanged_are_not_noted(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection
) -> None:
    land(landing, [record(1), record(2)])
    load_landing(landing, warehouse)
    complete_build(warehouse)
    land(landing, [record(2), record(1)])
    assert load_landing(landing, warehouse).changed == 0
    assert noted(warehouse) == []


def test_a_crash_in_the_middle_of_a_load_leaves_no_notes(
    landing: Landing, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, [record(1)])
    load_landing(landing, warehouse)
    complete_build(warehouse)
    land(landing, [record(1, "edited")])

    def crashes(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(load_module, "_copy_partition", crashes)
    with pytest.raises(KeyboardInterrupt):
        load_landing(landing, warehouse)
    assert noted(warehouse) == []
    monkeypatch.undo()
    load_landing(landing, warehouse)
    assert noted(warehouse) == [("x__mentions", "AuroraAir", "1")]
