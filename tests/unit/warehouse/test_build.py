"""dbt in a process of its own, over a project of three nodes; and which kind of build follows on what."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from social_sla.settings import Settings
from social_sla.warehouse import build as build_module
from social_sla.warehouse.build import BuildError, BuildReport, build
from social_sla.warehouse.connection import WarehouseBusyError, open_warehouse
from social_sla.warehouse.inputs import BuildKind, Selection, recall

PROJECT = "name: tiny\nversion: '1.0'\nprofile: tiny\nflags: {send_anonymous_usage_stats: false}\n"
PROFILE = """
tiny:
  target: dev
  outputs: {dev: {type: duckdb, path: "{{ env_var('SOCIAL_SLA_WAREHOUSE') }}", schema: main, threads: 1}}
"""
SOURCES = """
version: 2
sources:
  - name: landing
    schema: landing
    tables: [{name: x__tweets}, {name: x__mentions}]
"""
MODEL = """
{{ config(materialized='table') }}
select record_id as tweet_id, 'secret text' as body, '{{ env_var("SOCIAL_SLA_INCREMENTAL") }}' as is_incremental
from {{ source('landing', 'x__tweets') }}
"""
OTHER = "{{ config(materialized='table') }} select 1 as mention_id from {{ source('landing', 'x__mentions') }}"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse with two landing tables, and a dbt project with a model on each."""
    monkeypatch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "k" * 32)
    project = tmp_path / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "tests").mkdir()
    (project / "dbt_project.yml").write_text(PROJECT)
    (project / "profiles.yml").write_text(PROFILE)
    (project / "models" / "sources.yml").write_text(SOURCES)
    (project / "models" / "tweets.sql").write_text(MODEL)
    (project / "models" / "mentions.sql").write_text(OTHER)
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path / "home"), "SOCIAL_SLA_DBT_DIR": str(project)})
    with open_warehouse(settings.warehouse_path) as connection:
        connection.execute(
            """
            create schema landing; create schema config;
            create table config.load as
                select timestamp '2026-03-01' as as_of, 'c' as config_sha256, date '2026-01-01' as calendar_from_date;
            create table landing.manifest (table_name varchar, partition_key varchar, sha256 varchar, row_count bigint);
            create table landing.changed_records (table_name varchar, account varchar, record_id varchar);
            create table landing.x__tweets as select '7' as record_id;
            create table landing.x__mentions as select '8' as record_id;
            insert into landing.manifest values ('x__tweets', 'a', '1', 20), ('x__mentions', 'b', '1', 20)
            """
        )
    return settings


@pytest.fixture
def change(tiny: Settings) -> Callable[[str], None]:
    def run(sql: str) -> None:
        with open_warehouse(tiny.warehouse_path) as connection:
            connection.execute(sql)

    return run


NEW_TWEET = """
insert into landing.x__tweets values ('9');
insert into landing.changed_records values ('x__tweets', 'Air', '9');
update landing.manifest set sha256 = sha256 || '+' where partition_key = 'a'
"""


@pytest.mark.slow
def test_a_build_does_what_has_changed_and_then_nothing(tiny: Settings, change: Callable[[str], None]) -> None:
    first = build(tiny)
    assert (first.is_success, first.kind, first.counts, first.select) == (True, BuildKind.FULL, {"success": 2}, None)
    assert first.as_of.isoformat() == "2026-03-01T00:00:00+00:00"
    again = build(tiny)
    assert (again.kind, again.select, again.counts) == (BuildKind.NOTHING, [], {})
    change(NEW_TWEET)
    second = build(tiny)
    assert (second.is_success, second.kind, second.counts) == (True, BuildKind.INCREMENTAL, {"success": 2})
    assert "changed: x__tweets" in second.summary()
    assert build(tiny).kind is BuildKind.NOTHING
    # The lock is free again: this process can write. dbt was told that the second build is incremental.
    with open_warehouse(tiny.warehouse_path) as connection:
        assert connection.execute("from landing.changed_records").fetchall() == []
        found = connection.execute("select tweet_id, is_incremental from main.tweets order by all").fetchall()
    assert found == [("7", "true"), ("9", "true")]
    assert build(tiny, full_refresh=True).kind is BuildKind.FULL
    with open_warehouse(tiny.warehouse_path) as connection:
        assert connection.execute("select distinct is_incremental from main.tweets").fetchall() == [("false",)]


@pytest.mark.slow
def test_a_failing_test_is_reported_with_its_rows_and_without_texts(tiny: Settings) -> None:
    (tiny.dbt_project_dir / "tests" / "no_tweets.sql").write_text("select tweet_id, body from {{ ref('tweets') }}")
    report = build(tiny)
    assert not report.is_success
    assert "test.tiny.no_tweets (1 rows)" in report.summary()
    assert "tweet_id=7" in report.summary()
    assert "secret text" not in report.summary()
    with pytest.raises(BuildError, match="no_tweets"):
        report.raise_if_failed()
    # A failed build is no complete one: the next does everything again.
    again = build(tiny)
    assert (again.kind, again.why) == (BuildKind.FULL, "no complete build yet")


@pytest.mark.slow
def test_a_project_that_dbt_cannot_read_says_why(tiny: Settings) -> None:
    (tiny.dbt_project_dir / "models" / "tweets.sql").write_text("select * from {{ ref('nowhere') }}")
    with pytest.raises(BuildError, match="nowhere"):
        build(tiny)


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """A dbt that succeeds at once, after it has done what is in this list."""
    does: list[Callable[[], None]] = []

    def succeeds(_: Settings, *, as_of: datetime, select: list[str] | None, chosen: Selection) -> BuildReport:
        for action in does:
            action()
        return BuildReport(as_of, True, chosen.kind, chosen.why, select, {}, 0.0)

    monkeypatch.setattr(build_module, "_run_dbt", succeeds)
    return does


def kinds(settings: Settings, *builds: dict[str, Any]) -> list[BuildKind]:
    return [build(settings, **arguments).kind for arguments in builds]


@pytest.mark.parametrize("killed", ["_run_dbt", "_remember"])
def test_after_a_kill_between_load_and_remember_the_next_build_is_a_full_one(
    tiny: Settings,
    change: Callable[[str], None],
    dbt: list[Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
    killed: str,
) -> None:
    assert kinds(tiny, {}, {}) == [BuildKind.FULL, BuildKind.NOTHING]
    change(NEW_TWEET)

    def is_killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(build_module, killed, is_killed)
        with pytest.raises(KeyboardInterrupt):
            build(tiny)
    with open_warehouse(tiny.warehouse_path) as connection:
        assert recall(connection) is None
    assert kinds(tiny, {}, {}) == [BuildKind.FULL, BuildKind.NOTHING]


def test_a_kill_between_load_and_build_loses_nothing(
    tiny: Settings, change: Callable[[str], None], dbt: list[Callable[[], None]]
) -> None:
    """What the load has noted is still there: the next build is incremental and takes it up."""
    seen: list[tuple[str, ...]] = []

    def looks() -> None:
        with open_warehouse(tiny.warehouse_path) as connection:
            seen.extend(connection.execute("from landing.changed_records").fetchall())

    build(tiny)
    change(NEW_TWEET)
    dbt.append(looks)
    assert kinds(tiny, {}) == [BuildKind.INCREMENTAL]
    assert seen == [("x__tweets", "Air", "9")]


def test_as_of_going_on_is_incremental_and_going_back_is_full(
    tiny: Settings, change: Callable[[str], None], dbt: list[Callable[[], None]]
) -> None:
    build(tiny)
    change("update config.load set as_of = timestamp '2026-03-02'")
    assert kinds(tiny, {}, {}) == [BuildKind.INCREMENTAL, BuildKind.NOTHING]
    with open_warehouse(tiny.warehouse_path) as connection:
        remembered = recall(connection)
    assert remembered is not None
    assert remembered.as_of == datetime(2026, 3, 2, tzinfo=UTC)
    change("update config.load set as_of = timestamp '2026-03-01 12:00:00'")
    assert kinds(tiny, {}, {}) == [BuildKind.FULL, BuildKind.NOTHING]


def test_a_load_that_changed_much_makes_the_build_a_full_one(
    tiny: Settings, change: Callable[[str], None], dbt: list[Callable[[], None]]
) -> None:
    build(tiny)
    much = "insert into landing.changed_records select 'x__tweets', 'Air', i::varchar from range({}) rows (i)"
    change(NEW_TWEET + ";" + much.format(8))  # 9 of 40 records: more than a fifth
    assert kinds(tiny, {}, {}) == [BuildKind.FULL, BuildKind.NOTHING]
    change(NEW_TWEET + ";" + much.format(7))  # a fifth
    assert kinds(tiny, {}) == [BuildKind.INCREMENTAL]


def test_a_build_that_another_version_remembered_is_ignored(
    tiny: Settings, change: Callable[[str], None], dbt: list[Callable[[], None]]
) -> None:
    build(tiny)
    change("""update operations.last_build set inputs = '{"project": "p", "config": "c", "landing": {}}'""")
    assert kinds(tiny, {}) == [BuildKind.FULL]
    # Nor does it matter that its warehouse lacks what this version's load notes.
    change("drop table landing.changed_records; delete from operations.last_build")
    assert kinds(tiny, {}) == [BuildKind.FULL]


def test_a_load_beside_a_build_is_made_up_for(
    tiny: Settings, change: Callable[[str], None], dbt: list[Callable[[], None]]
) -> None:
    """While a build runs, loads note nothing: a build that somebody loaded beside is not remembered."""
    dbt.append(lambda: change(NEW_TWEET))
    build(tiny)
    dbt.clear()
    assert kinds(tiny, {}, {}) == [BuildKind.FULL, BuildKind.NOTHING]


def test_a_build_by_hand_of_some_models_does_not_count_as_complete(
    tiny: Settings, dbt: list[Callable[[], None]]
) -> None:
    assert kinds(tiny, {}, {"select": ["tweets"]}, {}) == [BuildKind.FULL] * 3
    assert kinds(tiny, {"full_refresh": True}, {}) == [BuildKind.FULL, BuildKind.NOTHING]


def test_a_warehouse_that_somebody_holds_is_said_to_be_busy(tiny: Settings) -> None:
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tiny.warehouse_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with (
            pytest.raises(WarehouseBusyError, match="duckdb_writer"),
            open_warehouse(tiny.warehouse_path, wait_seconds=0),
        ):
            pass
    finally:
        holder.communicate()
    with open_warehouse(tiny.warehouse_path) as connection:
        assert isinstance(connection, duckdb.DuckDBPyConnection)
