"""What a build has to do follows from what has changed since the last complete one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from social_sla.settings import Settings
from social_sla.warehouse import inputs as inputs_module
from social_sla.warehouse.inputs import (
    LARGEST_CHANGED_SHARE,
    BuildKind,
    Inputs,
    NotLoadedError,
    changed_share,
    forget,
    loaded_as_of,
    read_inputs,
    recall,
    remember,
    selection,
)

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
BUILT = Inputs(project="p", config="c", as_of=AS_OF, landing={"x__tweets": "1", "x__mentions": "1"})


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def test_without_a_complete_build_everything_is_built() -> None:
    assert selection(BUILT, None).kind is BuildKind.FULL


def test_nothing_changed_means_nothing_to_do() -> None:
    assert selection(BUILT, BUILT).kind is BuildKind.NOTHING
    # What stands noted plays no part where nothing has changed.
    assert selection(BUILT, BUILT, changed_share=1.0).kind is BuildKind.NOTHING


def test_changed_streams_mean_an_incremental_build_that_names_them() -> None:
    now = replace(BUILT, landing={**BUILT.landing, "x__tweets": "2", "review__signed_figures": "1"})
    chosen = selection(now, BUILT)
    assert (chosen.kind, chosen.why) == (BuildKind.INCREMENTAL, "changed: review__signed_figures, x__tweets")


def test_a_stream_that_lost_its_partitions_has_changed_too() -> None:
    chosen = selection(replace(BUILT, landing={"x__tweets": "1"}), BUILT)
    assert (chosen.kind, chosen.why) == (BuildKind.INCREMENTAL, "changed: x__mentions")


def test_a_later_as_of_means_an_incremental_build_also_without_new_data() -> None:
    chosen = selection(replace(BUILT, as_of=AS_OF + timedelta(days=1)), BUILT)
    assert (chosen.kind, chosen.why) == (BuildKind.INCREMENTAL, "as_of went on from 2026-03-01 00:00:00")


def test_an_earlier_as_of_means_everything() -> None:
    chosen = selection(replace(BUILT, as_of=AS_OF - timedelta(seconds=1)), BUILT)
    assert (chosen.kind, chosen.why) == (BuildKind.FULL, "as_of went back from 2026-03-01 00:00:00")


def test_another_configuration_means_everything() -> None:
    chosen = selection(replace(BUILT, config="d"), BUILT)
    assert (chosen.kind, chosen.why) == (BuildKind.FULL, "the configuration changed")


def test_another_project_or_key_means_everything() -> None:
    chosen = selection(replace(BUILT, project="q"), BUILT)
    assert chosen.kind is BuildKind.FULL
    assert chosen.why == "the dbt project, its tools or the pseudonym key changed"


def test_where_much_has_changed_everything_is_cheaper() -> None:
    now = replace(BUILT, landing={**BUILT.landing, "x__tweets": "2"})
    assert selection(now, BUILT, changed_share=LARGEST_CHANGED_SHARE).kind is BuildKind.INCREMENTAL
    chosen = selection(now, BUILT, changed_share=LARGEST_CHANGED_SHARE + 0.01)
    assert (chosen.kind, chosen.why) == (BuildKind.FULL, "21% of the records have changed")


def test_the_changed_share_counts_each_record_once(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        """
        create schema landing;
        create table landing.manifest as select * from (values (15), (5)) rows (row_count);
        create table landing.changed_records (table_name varchar, account varchar, record_id varchar);
        insert into landing.changed_records values
            ('x__tweets', 'Air', '1'), ('x__tweets', 'Air', '1'),
            ('x__tweets', 'Other', '1'), ('x__mentions', 'Air', '1')
        """
    )
    assert changed_share(warehouse) == 3 / 20
    warehouse.execute("delete from landing.changed_records")
    assert changed_share(warehouse) == 0
    warehouse.execute("delete from landing.manifest")
    assert changed_share(warehouse) == 0


def test_the_memory_of_a_build_is_gone_once_the_next_begins(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert recall(warehouse) is None
    remember(warehouse, BUILT)
    assert recall(warehouse) == BUILT
    forget(warehouse)
    assert recall(warehouse) is None


@pytest.mark.parametrize(
    "stored",
    [
        "not JSON",
        {"project": "p", "config": "c", "landing": {}},
        {"project": "p", "config": "c", "as_of": "yesterday", "landing": {}},
        {"project": "p", "config": "c", "as_of": AS_OF.isoformat(), "landing": {}, "more": 1},
        {"fingerprint": "p"},
        ["p", "c"],
    ],
)
def test_a_build_that_another_version_remembered_is_none(warehouse: duckdb.DuckDBPyConnection, stored: object) -> None:
    forget(warehouse)
    text = stored if isinstance(stored, str) else json.dumps(stored)
    warehouse.execute("insert into operations.last_build values (?)", [text])
    assert recall(warehouse) is None


def test_a_complete_build_clears_what_was_noted_for_it_and_keeps_what_the_next_compares_with(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    forget(warehouse)
    warehouse.execute(
        """
        create schema landing; create schema intermediate; create schema marts;
        create table landing.changed_records as select 'x__tweets' as table_name, 'Air' as account, '1' as record_id;
        insert into operations.touched_conversations values (7);
        insert into operations.touched_people values ('care', '8');
        create table intermediate.int_conversation_digests as select 7 as conversation_key, 70::hugeint as digest;
        create table marts.fct_conversation as
            select 7 as conversation_key, 'x' as source, 'open' as status, 'x:Air:1' as merged_into_conversation_id;
        create table marts.fct_sla_clock as select 7 as conversation_key, timestamp '2026-02-01' as stopped_at
        """
    )
    remember(warehouse, BUILT)
    for table in ("landing.changed_records", "operations.touched_conversations", "operations.touched_people"):
        assert warehouse.execute(f"select count(*) from {table}").fetchone() == (0,), table
    forget(warehouse)  # the next build begins, and reads what the last one left
    assert warehouse.execute("from operations.conversation_digests").fetchall() == [(7, 70)]
    assert warehouse.execute("from operations.built_as_of").fetchall() == [(datetime(2026, 3, 1),)]
    assert warehouse.execute("from operations.built_conversations").fetchall() == [(7, "x", "open", "x:Air:1")]
    assert warehouse.execute("from operations.built_clocks").fetchall() == [(7, datetime(2026, 2, 1))]


def test_a_crash_while_a_build_is_remembered_leaves_it_incomplete_and_the_notes_there(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(warehouse)
    warehouse.execute("insert into operations.touched_conversations values (7)")

    def crashes(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(inputs_module.json, "dumps", crashes)
    with pytest.raises(KeyboardInterrupt):
        remember(warehouse, BUILT)
    assert recall(warehouse) is None
    assert warehouse.execute("from operations.touched_conversations").fetchall() == [(7,)]


def test_an_empty_warehouse_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "k" * 32)
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    with duckdb.connect(":memory:") as connection:
        with pytest.raises(NotLoadedError, match="social_sla load"):
            read_inputs(settings, connection)
        with pytest.raises(NotLoadedError, match="load it first"):
            loaded_as_of(connection)


@pytest.fixture
def loaded(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A warehouse with one partition and a configuration."""
    warehouse.execute(
        """
        create schema landing; create schema config;
        create table config.load as
            select timestamp '2026-03-01' as as_of, 'edited' as config_sha256, date '2026-01-01' as calendar_from_date;
        create table landing.manifest as
            select 'x__tweets' as table_name, 'x/Air/tweets/1' as partition_key, 'a' as sha256
        """
    )
    return warehouse


def settings_with_a_project(folder: Path) -> Settings:
    project = folder / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "models" / "clocks.sql").write_text("select 1")
    return Settings.from_env({"SOCIAL_SLA_HOME": str(folder), "SOCIAL_SLA_DBT_DIR": str(project)})


def test_inputs_tell_what_a_build_depends_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: duckdb.DuckDBPyConnection
) -> None:
    monkeypatch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "k" * 32)
    settings = settings_with_a_project(tmp_path)
    before = read_inputs(settings, loaded)
    assert (before.as_of, list(before.landing)) == (AS_OF, ["x__tweets"])
    assert read_inputs(settings, loaded) == before

    # A calendar that grows with as_of is the same configuration; edited files, or an earlier beginning, are another.
    loaded.execute("update config.load set as_of = timestamp '2026-03-02'")
    assert read_inputs(settings, loaded) == replace(before, as_of=AS_OF + timedelta(days=1))
    loaded.execute("update config.load set as_of = timestamp '2026-03-01', calendar_from_date = date '2025-12-31'")
    earlier = read_inputs(settings, loaded)
    assert earlier == replace(before, config=earlier.config) != before
    loaded.execute("update config.load set calendar_from_date = date '2026-01-01', config_sha256 = 'edited again'")
    edited = read_inputs(settings, loaded)
    assert edited == replace(before, config=edited.config) != before
    loaded.execute("update config.load set config_sha256 = 'edited'")

    loaded.execute("update landing.manifest set sha256 = 'b'")
    replaced = read_inputs(settings, loaded)
    assert replaced == replace(before, landing=replaced.landing) != before
    loaded.execute("update landing.manifest set sha256 = 'a'")

    (settings.dbt_project_dir / "models" / "clocks.sql").write_text("select 2")
    (settings.dbt_project_dir / "target").mkdir()
    (settings.dbt_project_dir / "target" / "manifest.json").write_text("{}")
    changed = read_inputs(settings, loaded)
    assert changed == replace(before, project=changed.project) != before
    (settings.dbt_project_dir / "models" / "clocks.sql").write_text("select 1")
    assert read_inputs(settings, loaded) == before


def test_other_code_behind_the_rows_is_another_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: duckdb.DuckDBPyConnection
) -> None:
    """What expands the configuration, and the function of pseudonyms: rows that stay come from them, too."""
    monkeypatch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "k" * 32)
    settings = settings_with_a_project(tmp_path / "home")
    package = tmp_path / "package"
    for name in ("agreements/tables.py", "agreements/calendars/days.py", "warehouse/pseudonym.py", "warehouse/load.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("1")
    monkeypatch.setattr(inputs_module, "_PACKAGE", package)
    before = read_inputs(settings, loaded)
    (package / "warehouse" / "load.py").write_text("2")
    assert read_inputs(settings, loaded) == before
    for name in ("agreements/calendars/days.py", "warehouse/pseudonym.py"):
        (package / name).write_text("2")
        assert read_inputs(settings, loaded).project != before.project, name
        (package / name).write_text("1")
    assert read_inputs(settings, loaded) == before


def test_the_key_changes_the_project_fingerprint_and_is_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: duckdb.DuckDBPyConnection
) -> None:
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    seen = []
    for key in ("a" * 32, "b" * 32):
        monkeypatch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", key)
        seen.append(read_inputs(settings, loaded).project)
    assert seen[0] != seen[1]
    assert not any("a" * 32 in text for text in seen)
