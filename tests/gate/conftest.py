"""A good made-up warehouse, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gate.synthetic import build_warehouse


@pytest.fixture(scope="session")
def good_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_warehouse(tmp_path_factory.mktemp("good") / "warehouse.duckdb")
