"""The models of the clock engine as dbt compiles them, and which of them a change of agreements concerns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from social_sla.settings import Settings

MARTS = ("fct_sla_clock", "agreement_goal_monthly", "fct_termination_review_flag")
"""What a simulation computes."""

UNCHANGED_CONFIG = frozenset({"channels", "automation_authors", "automation_text_prefixes", "tolerance_tags"})
"""Tables of schema `config` that canonical conversations and messages read: these stay those of the warehouse."""


class SimulationError(RuntimeError):
    """A draft cannot be run over the warehouse; the message says why and what to do."""


@dataclass(frozen=True)
class Relation:
    """A model, seed or source table: where it is, and for a model that is computed anew its SQL."""

    database: str
    schema: str
    name: str
    sql: str | None = None

    @property
    def full_name(self) -> str:
        return f'"{self.database}"."{self.schema}"."{self.name}"'


@dataclass(frozen=True)
class Plan:
    """What a simulation computes, in order, and what it takes from the warehouse as it is."""

    computed: tuple[Relation, ...]
    taken: tuple[Relation, ...]


def compile_plan(settings: Settings, folder: Path, *, sources: str) -> Plan:
    """Compile the project (a few seconds) beside an empty database of the warehouse's name.

    Args:
        folder: a folder of its own; the warehouse is not opened.
        sources: the sources in use, parted by comma.

    Raises:
        SimulationError: dbt did not compile the models.
    """
    project = str(settings.dbt_project_dir)
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-use-colors", "--log-path", str(folder / "logs")]
    command += ["compile", "--select", *(f"+{mart}" for mart in MARTS)]
    command += ["--project-dir", project, "--profiles-dir", project, "--target-path", str(folder / "target")]
    # The command is this interpreter and its dbt, never anything that came from outside.
    done = subprocess.run(  # noqa: S603
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")])
            ),
            "SOCIAL_SLA_WAREHOUSE": str(folder / "compile" / settings.warehouse_path.name),
            "SOCIAL_SLA_WORKING_TABLES": ":memory:",
            "SOCIAL_SLA_INCREMENTAL": "false",
            "SOCIAL_SLA_SOURCES": sources,
            # Compiling reads no person's id; the key is asked for when the connection is opened.
            "SOCIAL_SLA_PSEUDONYM_KEY": os.environ.get("SOCIAL_SLA_PSEUDONYM_KEY", "for-compiling-only-no-secret"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
        },
    )
    manifest = folder / "target" / "manifest.json"
    if done.returncode or not manifest.exists():
        tail = "\n".join(done.stdout.splitlines()[-20:])
        raise SimulationError(f"dbt could not compile the clock engine (exit code {done.returncode}):\n{tail}")
    return plan_of(json.loads(manifest.read_text(encoding="utf-8")))


def plan_of(manifest: dict[str, Any]) -> Plan:
    """What has to be computed when agreements change: what lives for one build only, and what follows from them."""
    nodes: dict[str, Any] = {**manifest["nodes"], **manifest["sources"]}
    working = {key for key, node in nodes.items() if node.get("database") == "working"}
    concerned: dict[str, bool] = {}

    def is_concerned(key: str) -> bool:
        if key not in concerned:
            node = nodes[key]
            if node["resource_type"] == "source":
                concerned[key] = node["source_name"] == "config" and node["name"] not in UNCHANGED_CONFIG
            else:
                # as_of and the calendar's range are the load's, which a simulation keeps.
                parents = [name for name in node["depends_on"].get("nodes", []) if name in nodes]
                concerned[key] = key in working or (
                    node["name"] != "stg_config__load" and any(is_concerned(parent) for parent in parents)
                )
        return concerned[key]

    computed: dict[str, Relation] = {}
    taken: dict[str, Relation] = {}

    def visit(key: str) -> None:
        if key in computed or key in taken:
            return
        node = nodes[key]
        place = (node["database"], node["schema"], node.get("identifier") or node.get("alias") or node["name"])
        if node["resource_type"] == "source" and node["source_name"] == "config":
            return
        if node["resource_type"] != "model" or not is_concerned(key):
            taken[key] = Relation(*place)
            return
        for parent in node["depends_on"].get("nodes", []):
            if parent in nodes:
                visit(parent)
        computed[key] = Relation(*place, sql=node["compiled_code"])

    for key, node in nodes.items():
        if node["resource_type"] == "model" and node["name"] in MARTS:
            visit(key)
    return Plan(tuple(computed.values()), tuple(taken.values()))
