"""Airflow's settings for this folder: a home of its own, chosen before airflow is first imported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A throw-away home without a database: loading DAG files must need neither metadata nor connections."""
    home = str(tmp_path_factory.mktemp("airflow"))
    os.environ.update(
        {
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/none.db",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "SOCIAL_SLA_CONFIG_DIR": str(PROJECT / "config"),
        }
    )
