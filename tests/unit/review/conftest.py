"""One fixture release for all tests of the review; tests that change things copy it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from social_sla.settings import Settings

from tests.support.marts_fixture import build_release


def settings_in(home: Path) -> Settings:
    return Settings.from_env({"SOCIAL_SLA_HOME": str(home)})


@pytest.fixture(scope="session")
def built_marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_release(tmp_path_factory.mktemp("review") / "marts.duckdb")


@pytest.fixture
def settings(tmp_path: Path, built_marts: Path) -> Settings:
    """An installation with the fixture release published and an empty landing."""
    found = settings_in(tmp_path)
    found.marts_path.parent.mkdir(parents=True)
    shutil.copy(built_marts, found.marts_path)
    return found
