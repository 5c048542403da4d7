"""The gate in its own process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from social_sla.quality import GateError, run_gate
from social_sla.settings import PROJECT_DIR, Settings

from tests.gate.synthetic import build_warehouse

AS_OF = datetime(2026, 11, 3, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path / "home")})
    found.home.mkdir()
    return found


def test_a_run_stores_every_result_builds_the_docs_and_gives_the_lock_back(settings: Settings) -> None:
    build_warehouse(settings.warehouse_path)
    before = settings.warehouse_path.read_bytes()
    report = run_gate(settings, as_of=AS_OF, gate_run_id="manual__2026-11-03T00:00:00+00:00")
    assert report.success, report.text()
    assert report.path == settings.home / "gate" / "manual__2026-11-03T00:00:00+00:00.json"
    stored = json.loads(report.path.read_text())
    assert len(stored["results"]) == stored["counts"]["expected"] > 100
    assert stored["content_sha256"] == report.content_sha256
    assert (settings.data_docs_dir / "index.html").exists()
    assert settings.warehouse_path.read_bytes() == before
    with duckdb.connect(str(settings.warehouse_path)) as writer:
        writer.execute("create table config.after (a integer)")


def test_without_a_build_nothing_is_evaluated(settings: Settings) -> None:
    with pytest.raises(GateError, match="build the marts first"):
        run_gate(settings, gate_run_id="run")
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("create table nothing (a integer)")
    with pytest.raises(GateError, match="holds no build"):
        run_gate(settings, gate_run_id="run")
    assert not (settings.home / "gate" / "run.json").exists()


def test_a_warehouse_that_is_being_written_is_not_read(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse_path)), pytest.raises(GateError, match="cannot be opened read-only"):
        run_gate(settings, gate_run_id="run")


@pytest.mark.parametrize("name", ["", "../run", "a/b", ".hidden", "a" * 300])
def test_an_id_that_cannot_be_a_file_is_refused(settings: Settings, name: str) -> None:
    with pytest.raises(GateError, match="cannot be a gate run's id"):
        run_gate(settings, gate_run_id=name)


def test_unreadable_expectations_stop_the_gate(settings: Settings, tmp_path: Path) -> None:
    build_warehouse(settings.warehouse_path)
    broken = tmp_path / "expectations"
    shutil.copytree(settings.expectations_dir, broken)
    (broken / "declared" / "dim_date.yaml").write_text("suite: [")
    other = Settings.from_env({"SOCIAL_SLA_HOME": str(settings.home), "SOCIAL_SLA_EXPECTATIONS_DIR": str(broken)})
    with pytest.raises(GateError, match=r"dim_date\.yaml is not a readable suite"):
        run_gate(other, gate_run_id="run")


def test_importing_the_package_imports_neither_great_expectations_nor_airflow() -> None:
    """A DAG file imports it at every parse."""
    code = (
        "import sys, social_sla.quality, social_sla.warehouse.publish; "
        "print([name for name in ('great_expectations', 'airflow', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT_DIR / "plugins"
    )
    assert done.stdout.strip() == "[]"
