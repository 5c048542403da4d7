"""Airflow's metadata is made ready whatever a killed run has left of it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from social_sla.local.airflow_service import begin_preparing, finish_preparing, mark_in_use, mark_ready
from social_sla.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def settings() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="social-sla-metadata-") as folder:
        yield Settings.from_env({"SOCIAL_SLA_HOME": folder})


def prepare(settings: Settings) -> bool:
    """Whether anything had to be done."""
    preparing = begin_preparing(settings)
    finish_preparing(settings, preparing)
    return preparing is not None


def dags(settings: Settings) -> set[str]:
    connection = sqlite3.connect(settings.home / "airflow" / "airflow.db")
    try:
        return {dag_id for (dag_id,) in connection.execute("select dag_id from dag")}
    finally:
        connection.close()


def test_metadata_are_made_kept_and_made_anew_when_they_are_broken(settings: Settings) -> None:
    assert prepare(settings)
    reviewing = {"review_sla_month", "decide_flags", "remind_reviews"}
    expected = {"extract_x", "extract_zendesk", "check_sources", "build_sla_marts"} | reviewing
    assert dags(settings) == expected
    mark_ready(settings)
    assert not prepare(settings)
    mark_in_use(settings)
    database: Path = settings.home / "airflow" / "airflow.db"
    database.write_bytes(b"no database" * 100)
    assert prepare(settings)
    assert dags(settings) == expected
