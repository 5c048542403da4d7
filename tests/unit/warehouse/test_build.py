"""dbt in a process of its own, over a project of three nodes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from social_sla.settings import Settings
from social_sla.warehouse.build import BuildError, build
from social_sla.warehouse.connection import WarehouseBusyError, open_warehouse

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
select record_id as tweet_id, 'secret text' as body from {{ source('landing', 'x__tweets') }}
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
            create table config.load as select timestamp '2026-03-01' as as_of;
            create table landing.manifest (table_name varchar, partition_key varchar, sha256 varchar);
            create table landing.x__tweets as select '7' as record_id;
            create table landing.x__mentions as select '8' as record_id;
            insert into landing.manifest values ('x__tweets', 'a', '1'), ('x__mentions', 'b', '1')
            """
        )
    return settings


@pytest.fixture
def change(tiny: Settings) -> Callable[[str], None]:
    def run(sql: str) -> None:
        with open_warehouse(tiny.warehouse_path) as connection:
            connection.execute(sql)

    return run


@pytest.mark.slow
def test_a_build_does_what_has_changed_and_then_nothing(tiny: Settings, change: Callable[[str], None]) -> None:
    first = build(tiny)
    assert (first.is_success, first.counts, first.select) == (True, {"success": 2}, None)
    assert first.as_of.isoformat() == "2026-03-01T00:00:00+00:00"
    assert (build(tiny).select, build(tiny).counts) == ([], {})
    change(
        "insert into landing.x__tweets values ('9'); update landing.manifest set sha256 = '2' where partition_key = 'a'"
    )
    second = build(tiny)
    assert (second.select, second.counts) == (["source:landing.x__tweets+"], {"success": 1})
    # The lock is free again: this process can write.
    change("select 1")


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
    assert build(tiny).select is None


@pytest.mark.slow
def test_a_project_that_dbt_cannot_read_says_why(tiny: Settings) -> None:
    (tiny.dbt_project_dir / "models" / "tweets.sql").write_text("select * from {{ ref('nowhere') }}")
    with pytest.raises(BuildError, match="nowhere"):
        build(tiny)


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
