"""The dbt project keeps its own rules: a unit test a definition, descriptions, contracts, keys, layers, no clock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from social_sla.agreements.table_schemas import TABLE_SCHEMAS
from social_sla.agreements.tables import write_config
from social_sla.landing import Landing
from social_sla.warehouse.connection import open_warehouse
from social_sla.warehouse.load import load_landing

ROOT = Path(__file__).resolve().parents[2]
DBT_DIR = ROOT / "dbt_project"

# Rules of docs/definitions.md that models carry. Not here: D3 (calendars are expanded in Python), M5, M7-M14, F, L, C,
# T1b-T1d (no model yet); M15 is in the test of M6.
RULES = [
    *[f"D{number}" for number in (1, 2, *range(4, 20))],
    *["R1", "R2", "R3", "R4"],
    *["M1", "M2", "M3", "M4", "M6", "M16"],
    *["T1a", "T1e", "T2", "T3", "T4", "P4"],
]

MACHINE_CLOCK = re.compile(
    r"\b(current_timestamp|current_date|current_time|localtimestamp|localtime|sysdate|systimestamp|run_started_at)\b"
    r"|\b(now|getdate|getutcdate|today|get_current_timestamp|current_localtimestamp|transaction_timestamp)\s*\(",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)


@dataclass(frozen=True)
class Project:
    """The parsed project, and how its unit tests came out."""

    manifest: dict[str, Any]
    results: list[dict[str, Any]]
    output: str

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """Models by name."""
        return {node["name"]: node for node in self.manifest["nodes"].values() if node["resource_type"] == "model"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every table of the project's own load and every model, all empty; then the unit tests, which bring their rows."""
    home = Path(tmp_path_factory.mktemp("dbt_project"))
    warehouse = home / "warehouse.duckdb"
    with open_warehouse(warehouse) as connection:
        load_landing(Landing((home / "landing").as_uri()), connection)
        write_config({name: schema.empty_table() for name, schema in TABLE_SCHEMAS.items()}, connection)

    built = _dbt(home, warehouse, "build", "--empty", "--exclude-resource-type", "test", "unit_test")
    assert built.returncode == 0, built.stdout
    tested = _dbt(home, warehouse, "test", "--select", "test_type:unit")
    return Project(
        manifest=json.loads((home / "target" / "manifest.json").read_text()),
        results=json.loads((home / "target" / "run_results.json").read_text())["results"],
        output=tested.stdout,
    )


def _dbt(home: Path, warehouse: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *[sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--quiet", *arguments, "--threads", "4"],
            *["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)],
            *["--target-path", str(home / "target"), "--log-path", str(home / "logs")],
        ],
        env=os.environ
        | {
            "SOCIAL_SLA_WAREHOUSE": str(warehouse),
            "SOCIAL_SLA_PSEUDONYM_KEY": "a key for tests only",
            "PYTHONPATH": str(ROOT / "plugins"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=home,
        check=False,
    )


def test_every_unit_test_passes(project: Project) -> None:
    failed = [result["unique_id"] for result in project.results if result["status"] != "pass"]
    assert not failed, project.output
    assert len(project.results) == len(project.manifest["unit_tests"]) > 0


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_that_models_carry_has_a_unit_test_with_its_id_in_the_name(project: Project, rule: str) -> None:
    names = [node["name"] for node in project.manifest["unit_tests"].values()]
    assert [name for name in names if f"_{rule.lower()}_" in name], f"no unit test for {rule}"


def test_every_model_has_a_description(project: Project) -> None:
    assert [name for name, node in project.models.items() if not node["description"].strip()] == []


def test_every_model_has_a_uniqueness_test(project: Project) -> None:
    with_key = {
        node["attached_node"]
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ("unique", "unique_together")
    }
    assert [name for name, node in project.models.items() if node["unique_id"] not in with_key] == []


def test_every_mart_has_an_enforced_contract_and_is_public(project: Project) -> None:
    marts = {name: node for name, node in project.models.items() if "marts" in node["fqn"]}
    assert marts
    assert [name for name, node in marts.items() if not node["config"]["contract"]["enforced"]] == []
    assert [name for name, node in marts.items() if node["access"] != "public"] == []
    assert {node["schema"] for node in marts.values()} == {"marts"}


def test_only_staging_reads_sources_and_each_staging_model_reads_one(project: Project) -> None:
    for name, node in project.models.items():
        sources = [parent for parent in node["depends_on"]["nodes"] if parent.startswith("source.")]
        expected = 1 if "staging" in node["fqn"] else 0
        assert len(sources) == expected, f"{name} reads {sources}"


def test_every_mart_is_read_by_an_exposure_with_an_owner(project: Project) -> None:
    exposures = project.manifest["exposures"].values()
    read = {parent for exposure in exposures for parent in exposure["depends_on"]["nodes"]}
    marts = {node["unique_id"] for node in project.models.values() if "marts" in node["fqn"]}
    assert marts <= read
    assert [exposure["name"] for exposure in exposures if not exposure["owner"].get("name")] == []


@pytest.mark.parametrize(
    "path",
    sorted(path for folder in ("models", "macros", "tests") for path in (DBT_DIR / folder).rglob("*.sql")),
    ids=lambda path: path.stem,
)
def test_nothing_asks_the_machine_for_the_time(path: Path) -> None:
    """Every figure is as of the load's instant (D12): the same data give the same marts."""
    assert MACHINE_CLOCK.findall(COMMENT.sub("", path.read_text())) == []
