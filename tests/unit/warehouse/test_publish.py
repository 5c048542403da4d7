"""Publishing: what a release holds, when it is refused, and what is kept."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from social_sla.quality.report import GateFailedError
from social_sla.settings import Settings
from social_sla.warehouse import publish as publish_module
from social_sla.warehouse.publish import publish
from social_sla.warehouse.releases import Release, ReleaseError, current_release, list_releases

from tests.unit.warehouse.publish_builds import AS_OF, build, passing, settings_of, warned


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_of(tmp_path)
    build(found, 1)
    return found


def publish_version(settings: Settings, version: int, **options: object) -> Release:
    build(settings, version)
    return publish(settings, gate=passing(settings, f"gate-{version}"), as_of=AS_OF, **options)  # type: ignore[arg-type]


def query(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{path}' as marts (read_only)")
        connection.execute("use marts")
        return connection.execute(sql).fetchall()


def test_a_release_holds_every_mart_as_duckdb_and_parquet_with_its_descriptions(settings: Settings) -> None:
    release = publish(settings, gate=passing(settings), as_of=AS_OF)
    marts = settings.marts_path
    assert query(marts, "select count(*), min(version), max(version) from fct_sla_clock") == [(50, 1, 1)]
    assert query(marts, "select version from dim_view") == [(1,)]
    assert query(
        marts, "select comment from duckdb_tables() where table_name = 'fct_sla_clock' and database_name = 'marts'"
    ) == [("A run of a goal. It's one row a clock.",)]
    assert query(
        marts, "select comment from duckdb_columns() where column_name = 'measure' and database_name = 'marts'"
    ) == [("A measure.",)]
    assert query(marts, "select clock_id from fct_sla_clock limit 3") == [("clock-0",), ("clock-1",), ("clock-10",)]
    files = {file.stem for file in (release.path / "parquet").glob("*.parquet")}
    assert files == {"fct_sla_clock", "agreement_goal_monthly", "dim_view", "fct_release", "fct_quality_result"}
    assert query(marts, f"select count(*) from '{release.path}/parquet/fct_sla_clock.parquet'") == [(50,)]


def test_the_manifest_says_rows_and_hashes(settings: Settings) -> None:
    gate = passing(settings)
    release = publish(settings, gate=gate, as_of=AS_OF)
    manifest = json.loads((release.path / "manifest.json").read_text())
    assert release.release_id == f"20261103T000000Z-{gate.content_sha256[:12]}" == gate.release_id
    assert manifest["marts"]["fct_sla_clock"] == {"rows": 50, "sha256": gate.digests["fct_sla_clock"].sha256}
    for name, file in manifest["files"].items():
        content = (release.path / name).read_bytes()
        assert file == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert not list(settings.published_dir.rglob("*.wal"))


def test_the_content_hash_ignores_row_order_and_nothing_else(settings: Settings) -> None:
    first = passing(settings).content_sha256
    build(settings, 1, order="desc")
    assert passing(settings).content_sha256 == first
    build(settings, 1, rows=51)
    assert passing(settings).content_sha256 != first
    build(settings, 1)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("insert into marts.fct_sla_clock select * from marts.fct_sla_clock limit 1")
    assert passing(settings).content_sha256 != first
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("create table marts.fct_release as select 'x' as release_id")
    with_bookkeeping = passing(settings)
    assert "fct_release" not in with_bookkeeping.digests


def test_null_and_empty_and_shifted_values_differ(settings: Settings) -> None:
    def content(first: str, second: str) -> str:
        with duckdb.connect(str(settings.warehouse_path)) as connection:
            connection.execute(f"create or replace table marts.pair as select {first} as a, {second} as b")
        return passing(settings).content_sha256

    values = [("''", "null::varchar"), ("null::varchar", "''"), ("'ab'", "'c'"), ("'a'", "'bc'"), ("'a,1:b'", "''")]
    assert len({content(*pair) for pair in values}) == len(values)


def test_a_failed_gate_publishes_nothing(settings: Settings) -> None:
    with pytest.raises(GateFailedError, match="FAILED"):
        publish(settings, gate=passing(settings, success=False), as_of=AS_OF)
    assert not settings.marts_path.exists()
    assert list_releases(settings) == []


def test_a_gate_result_of_an_older_build_cannot_publish_a_newer_one(settings: Settings) -> None:
    gate = passing(settings)
    build(settings, 2)
    with pytest.raises(ReleaseError, match=r"changed since gate run gate-1.*fct_sla_clock"):
        publish(settings, gate=gate, as_of=AS_OF)
    assert not settings.marts_path.exists()


def test_nor_once_its_release_exists(settings: Settings) -> None:
    gate = passing(settings)
    first = publish(settings, gate=gate, as_of=AS_OF)
    build(settings, 2)
    with pytest.raises(ReleaseError, match="changed since"):
        publish(settings, gate=gate, as_of=AS_OF)
    assert current_release(settings) == first


def test_another_instant_is_refused(settings: Settings) -> None:
    with pytest.raises(ReleaseError, match="built as of"):
        publish(settings, gate=passing(settings), as_of=datetime(2026, 11, 4, tzinfo=UTC))


def test_publishing_the_same_content_again_is_a_no_op(settings: Settings) -> None:
    first = publish(settings, gate=passing(settings), as_of=AS_OF)
    before = (settings.marts_path.stat().st_ino, settings.marts_path.read_bytes())
    build(settings, 1, order="desc")
    assert publish(settings, gate=passing(settings, "gate-2"), as_of=AS_OF) == first
    assert (settings.marts_path.stat().st_ino, settings.marts_path.read_bytes()) == before


def test_signing_marks_the_existing_release_and_is_never_taken_back(settings: Settings) -> None:
    first = publish(settings, gate=passing(settings), as_of=AS_OF)
    assert not first.is_signed
    assert publish(settings, gate=passing(settings), as_of=AS_OF, signed=True).is_signed
    assert publish(settings, gate=passing(settings), as_of=AS_OF).is_signed
    assert [release.is_signed for release in list_releases(settings)] == [True]


def test_older_content_is_served_again_on_request(settings: Settings) -> None:
    first = publish_version(settings, 1)
    publish_version(settings, 2)
    assert publish_version(settings, 1) == first
    assert current_release(settings) == first
    assert query(settings.marts_path, "select max(version) from fct_sla_clock") == [(1,)]


def test_fct_release_and_fct_quality_result_tell_the_whole_history(settings: Settings) -> None:
    first = publish_version(settings, 1)
    failed = passing(settings, "gate-failed", success=False)
    failed.save(settings.home / "gate" / "gate-failed.json")
    (settings.home / "gate" / "torn.json").write_text("{")
    build(settings, 2)
    second = publish(settings, gate=warned(passing(settings, "gate-2")), as_of=AS_OF)
    rows = query(
        settings.marts_path,
        "select release_id, parent_release_id, gate_status, rows, sha256, is_signed, config_sha256 "
        "from fct_release order by published_at",
    )
    assert rows == [
        (first.release_id, None, "passed", 52, first.content_sha256, False, "config-1"),
        (second.release_id, first.release_id, "passed_with_warnings", 52, second.content_sha256, False, "config-1"),
    ]
    results = query(
        settings.marts_path, "select gate_run_id, release_id, success, severity from fct_quality_result order by 1"
    )
    assert results == [("gate-2", second.release_id, False, "warning"), ("gate-failed", None, False, "critical")]


def test_retention_keeps_the_newest_the_signed_and_the_record_of_the_rest(settings: Settings) -> None:
    releases = [publish_version(settings, version, keep=3, signed=version == 2) for version in range(1, 8)]
    kept = [release.release_id for release in list_releases(settings)]
    assert kept == [releases[index].release_id for index in (1, 4, 5, 6)]
    records = list_releases(settings, with_removed=True)
    assert [release.release_id for release in records] == [release.release_id for release in releases]
    assert [release.is_available for release in records] == [False, True, False, False, True, True, True]
    assert query(settings.marts_path, "select count(*) from fct_release") == [(7,)]
    with pytest.raises(ReleaseError, match="at least 1"):
        publish_version(settings, 8, keep=0)


def test_an_open_reader_keeps_the_old_snapshot_and_a_new_one_sees_the_new(settings: Settings) -> None:
    publish_version(settings, 1, keep=1)
    with duckdb.connect(str(settings.marts_path), read_only=True) as reader:
        publish_version(settings, 2, keep=1)
        assert reader.execute("select min(version), max(version), count(*) from fct_sla_clock").fetchall() == [
            (1, 1, 50)
        ]
    assert query(settings.marts_path, "select max(version) from fct_sla_clock") == [(2,)]


def test_without_hard_links_a_copy_is_served(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    first = publish_version(settings, 1)
    second = publish_version(settings, 2)
    assert second.parent_release_id == first.release_id
    assert current_release(settings) == second
    assert settings.marts_path.stat().st_ino != second.marts_path.stat().st_ino


def test_a_served_copy_whose_release_was_taken_away_does_not_stop_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish_version(settings, 1)
    shutil.copyfile(first.marts_path, settings.marts_path.with_name("copy"))
    settings.marts_path.with_name("copy").replace(settings.marts_path)
    shutil.rmtree(first.path)
    with pytest.raises(ReleaseError, match="no release"):
        current_release(settings)
    assert publish_version(settings, 2).parent_release_id is None


def test_a_clock_that_went_back_does_not_reorder_releases(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish_version(settings, 1)
    monkeypatch.setattr(publish_module, "now", lambda: datetime(2020, 1, 1, tzinfo=UTC))
    assert publish_version(settings, 2).published_at > first.published_at


def test_release_files_are_read_only(settings: Settings) -> None:
    release = publish(settings, gate=passing(settings), as_of=AS_OF)
    assert oct(release.marts_path.stat().st_mode)[-3:] == "444"
