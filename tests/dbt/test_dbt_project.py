"""The dbt project keeps its own rules: a unit test a definition, descriptions, contracts, keys, layers, no clock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from social_sla.agreements.table_schemas import TABLE_SCHEMAS
from social_sla.agreements.tables import write_config
from social_sla.landing import Landing
from social_sla.warehouse.connection import open_warehouse
from social_sla.warehouse.inputs import Inputs, forget, remember
from social_sla.warehouse.load import load_landing

ROOT = Path(__file__).resolve().parents[2]
DBT_DIR = ROOT / "dbt_project"

# Rules of docs/definitions.md that models carry. Not here: M12, F, L, T1b, T1c (no model yet).
RULES = [
    *[f"D{number}" for number in range(1, 20)],
    *["R1", "R2", "R3", "R4"],
    *["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M13", "M14", "M15", "M16"],
    *["C1", "C2", "C3", "C4", "C5"],
    *["T1a", "T1d", "T1e", "T2", "T3", "T4", "P4"],
]

# What loads and builds write down for the next incremental build (docs/architecture.md): no data of a source.
BOOKKEEPING = re.compile(r"^source\.social_sla\.(operations\.\w+|landing\.changed_records)$")

CANONICAL = ("conversations", "messages", "status_changes", "priority_changes", "assignments")

MACHINE_CLOCK = re.compile(
    r"\b(current_timestamp|current_date|current_time|localtimestamp|localtime|sysdate|systimestamp|run_started_at)\b"
    r"|\b(now|getdate|getutcdate|today|get_current_timestamp|current_localtimestamp|transaction_timestamp)\s*\(",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)


@dataclass(frozen=True)
class Project:
    """The project as dbt parses it for a full and for an incremental build, and how its unit tests came out.

    `columns` are those of every table and view of the empty build, by name.
    """

    manifest: dict[str, Any]
    incremental: dict[str, Any]
    columns: dict[str, set[str]]
    results: list[dict[str, Any]]
    output: str

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """Models by name."""
        return models_of(self.manifest)


def models_of(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Models of a manifest, by name."""
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every table of the project's own load and every model, all empty; then the unit tests, which bring their rows."""
    home = Path(tmp_path_factory.mktemp("dbt_project"))
    warehouse = home / "warehouse.duckdb"
    with open_warehouse(warehouse) as connection:
        load_landing(Landing((home / "landing").as_uri()), connection)
        write_config({name: schema.empty_table() for name, schema in TABLE_SCHEMAS.items()}, connection)
        forget(connection)

    built = _dbt(home, "build", "--empty", "--exclude-resource-type", "test", "unit_test")
    assert built.returncode == 0, built.stdout
    with open_warehouse(warehouse) as connection:
        # What an incremental build reads of the one before.
        remember(connection, Inputs("", "", datetime(2026, 1, 1, tzinfo=UTC), {}))
        connection.execute(f"attach '{home / 'working.duckdb'}' as working")
        columns: dict[str, set[str]] = {}
        for table, column in connection.execute("select table_name, column_name from duckdb_columns()").fetchall():
            columns.setdefault(table, set()).add(column)
    tested = _dbt(home, "test", "--select", "test_type:unit")
    results = json.loads((home / "target" / "run_results.json").read_text())["results"]
    manifest = json.loads((home / "target" / "manifest.json").read_text())

    parsed = _dbt(home, "parse", "--no-partial-parse", SOCIAL_SLA_INCREMENTAL="true")
    assert parsed.returncode == 0, parsed.stdout
    incremental = json.loads((home / "target" / "manifest.json").read_text())
    return Project(manifest, incremental, columns, results, tested.stdout)


def _dbt(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *[sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--quiet", *arguments, "--threads", "4"],
            *["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)],
            *["--target-path", str(home / "target"), "--log-path", str(home / "logs")],
        ],
        env=os.environ
        | {
            "SOCIAL_SLA_WAREHOUSE": str(home / "warehouse.duckdb"),
            # A file, so that the unit tests' process finds the columns of what the build's process has made.
            "SOCIAL_SLA_WORKING_TABLES": str(home / "working.duckdb"),
            "SOCIAL_SLA_PSEUDONYM_KEY": "a key for tests only",
            "PYTHONPATH": str(ROOT / "plugins"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
        }
        | environment,
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
    """A view may name the models that its key follows from (meta: key_of); these are its parents, and tested."""
    with_key = {
        node["attached_node"]
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ("unique", "unique_together")
    }

    def has_key(node: dict[str, Any]) -> bool:
        if node["unique_id"] in with_key:
            return True
        sources = {f"model.social_sla.{name}" for name in node["config"]["meta"].get("key_of", [])}
        is_view = node["config"]["materialized"] == "view"
        return is_view and bool(sources) and sources <= with_key.intersection(node["depends_on"]["nodes"])

    assert [name for name, node in project.models.items() if not has_key(node)] == []


def test_two_conversations_with_one_key_are_refused(project: Project) -> None:
    """conversation_key is 63 bits of a hash: two ids with one key would be one conversation to the engine."""
    unique = {
        (node["attached_node"], node["column_name"]): node["config"]["severity"].lower()
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "unique"
    }
    for column in ("conversation_key", "conversation_id"):
        assert unique.get(("model.social_sla.int_conversations", column)) == "error", column


def test_every_mart_has_an_enforced_contract_and_is_public(project: Project) -> None:
    marts = {name: node for name, node in project.models.items() if "marts" in node["fqn"]}
    assert marts
    assert [name for name, node in marts.items() if not node["config"]["contract"]["enforced"]] == []
    assert [name for name, node in marts.items() if node["access"] != "public"] == []
    assert {node["schema"] for node in marts.values()} == {"marts"}


@pytest.mark.parametrize("build", ["manifest", "incremental"])
def test_only_staging_reads_sources_and_each_staging_model_reads_one(project: Project, build: str) -> None:
    """Bookkeeping of incremental builds is read where records come in and where touched conversations are found."""
    for name, node in models_of(getattr(project, build)).items():
        parents = [parent for parent in node["depends_on"]["nodes"] if parent.startswith("source.")]
        sources = [parent for parent in parents if not BOOKKEEPING.match(parent)]
        expected = 1 if "staging" in node["fqn"] else 0
        assert len(sources) == expected, f"{name} reads {sources}"
        if "staging" not in node["fqn"] and name != "int_touched_conversations":
            assert parents == sources, f"{name} reads {parents}"


def test_working_tables_hold_the_clocks_and_nothing_that_outlives_the_build_looks_into_them(project: Project) -> None:
    """They are gone when the build ends: a view on one of them in the warehouse would be broken for its readers."""
    working = {node["unique_id"] for node in project.models.values() if node["database"] == "working"}
    for name, node in project.models.items():
        if "clocks" in node["fqn"]:
            assert node["unique_id"] in working, name
        if "marts" in node["fqn"] or "staging" in node["fqn"]:
            assert node["unique_id"] not in working, name
        if node["unique_id"] not in working and node["config"]["materialized"] == "view":
            assert working.isdisjoint(node["depends_on"]["nodes"]), f"{name} is a view on a working table"


def test_incremental_models_replace_records_or_touched_conversations(project: Project) -> None:
    """macros/landed.sql and macros/touched.sql; both strategies find the rows to replace by these columns."""
    incremental = {
        name: node for name, node in project.models.items() if node["config"]["materialized"] == "incremental"
    }
    assert incremental
    for name, node in incremental.items():
        config, columns = node["config"], project.columns[name]
        if config["incremental_strategy"] == "replace_records":
            assert "staging" in node["fqn"], name
            meta = config["meta"]
            assert {"account", meta["record_column"]} <= columns, name
            assert f"source.social_sla.landing.{meta['stream']}" in node["depends_on"]["nodes"], name
            assert meta.get("has_conversation_key", False) == ("conversation_key" in columns), name
        else:
            assert config["incremental_strategy"] == "replace_touched", name
            assert "conversation_key" in columns, name
            parents = models_of(project.incremental)[name]["depends_on"]["nodes"]
            assert "model.social_sla.int_touched_conversations" in parents, f"{name} computes everything anew"
        if "marts" in node["fqn"]:
            assert config["on_schema_change"] == "fail", name


def test_every_source_has_its_part_in_the_canonical_models(project: Project) -> None:
    """macros/canonical.sql lists them: a source that it forgets would be built and measured by nobody."""
    folders = {node["fqn"][2] for node in project.models.values() if node["fqn"][1] == "intermediate"}
    found = 0
    for canonical in CANONICAL:
        union = project.models[f"int_{canonical}"]["depends_on"]["nodes"]
        for folder in folders:
            part = project.models.get(f"int_{folder}_{canonical}")
            if part is not None:
                assert part["unique_id"] in union, f"{part['name']} is not in int_{canonical}"
                found += 1
    assert found >= 2 * len(CANONICAL[:2])


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
