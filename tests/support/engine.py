"""Runs the clock engine's SQL, as dbt compiles it, over tables that a test puts in.

No dbt runs between two examples, so thousands fit into a test.

Usage::

    engine = Engine.compile(tmp_dir)                # once a session
    con = engine.run({"config.goals": table, "intermediate.int_messages": table, ...})
    con.execute("select * from marts.fct_sla_clock")
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

PROJECT_DIR = Path(__file__).resolve().parents[2]
DATABASE = "warehouse"

# What is built, with everything between these and the canonical tables.
MARTS = (
    "fct_sla_clock",
    "fct_sla_clock_segment",
    "agreement_goal_monthly",
    "agreement_scorecard_monthly",
    "fct_termination_review_flag",
)

# Canonical tables: what the clocks read, and so what a test gives.
CANONICAL = {
    "int_messages": (
        "message_id VARCHAR, source VARCHAR, account VARCHAR, channel_id VARCHAR, conversation_id VARCHAR, "
        "source_conversation_id VARCHAR, source_message_id VARCHAR, customer_key VARCHAR, author_key VARCHAR, "
        "author_role VARCHAR, direction VARCHAR, kind VARCHAR, intent VARCHAR, is_public BOOLEAN, "
        "is_delivered BOOLEAN, "
        "in_reply_to_message_id VARCHAR, published_at TIMESTAMP, received_at TIMESTAMP, source_order BIGINT, "
        "deleted_at TIMESTAMP, excluded_reason VARCHAR, team_id VARCHAR, team_member_id VARCHAR"
    ),
    "int_conversations": (
        "conversation_id VARCHAR, source VARCHAR, account VARCHAR, channel_id VARCHAR, source_conversation_id VARCHAR, "
        "customer_key VARCHAR, created_at TIMESTAMP, has_status BOOLEAN, merged_into_conversation_id VARCHAR, "
        "merged_at TIMESTAMP, deleted_at TIMESTAMP, excluded_reason VARCHAR, excluded_evidence VARCHAR"
    ),
    "int_status_changes": (
        "conversation_id VARCHAR, source VARCHAR, changed_at TIMESTAMP, source_order BIGINT, from_status VARCHAR, "
        "status VARCHAR"
    ),
    "int_priority_changes": (
        "conversation_id VARCHAR, source VARCHAR, changed_at TIMESTAMP, source_order BIGINT, from_priority VARCHAR, "
        "priority VARCHAR"
    ),
    "int_assignments": (
        "conversation_id VARCHAR, source VARCHAR, changed_at TIMESTAMP, source_order BIGINT, team_id VARCHAR, "
        "team_member_id VARCHAR"
    ),
}


@dataclass(frozen=True)
class CompiledModel:
    """One model as dbt compiles it."""

    schema: str
    name: str
    materialized: str
    sql: str


@dataclass(frozen=True)
class Engine:
    """The models between the canonical tables and the marts of clocks and months, in order."""

    models: tuple[CompiledModel, ...]

    @classmethod
    def compile(cls, directory: Path) -> Engine:
        """Compile the dbt project into `directory` (a few seconds)."""
        directory.mkdir(parents=True, exist_ok=True)
        warehouse = directory / f"{DATABASE}.duckdb"
        env = os.environ | {
            "SOCIAL_SLA_WAREHOUSE": str(warehouse),
            "SOCIAL_SLA_PSEUDONYM_KEY": "a key for tests only",
            "PYTHONPATH": str(PROJECT_DIR / "plugins"),
        }
        project = str(PROJECT_DIR / "dbt_project")
        target_dir = directory / "target"
        subprocess.run(
            [
                *[
                    sys.executable,
                    "-m",
                    "dbt.cli.main",
                    "--quiet",
                    "compile",
                    "--select",
                    *(f"+{mart}" for mart in MARTS),
                ],
                *["--project-dir", project, "--profiles-dir", project],
                *["--target-path", str(target_dir), "--log-path", str(directory / "logs")],
            ],
            env=env,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=directory,
        )
        manifest = json.loads((target_dir / "manifest.json").read_text())
        nodes = {
            key: node
            for key, node in manifest["nodes"].items()
            if node["resource_type"] == "model" and node.get("compiled_code")
        }
        given = set(CANONICAL)
        wanted: dict[str, CompiledModel] = {}

        def visit(key: str) -> None:
            node = nodes.get(key)
            if node is None or node["name"] in given or key in wanted:
                return
            for parent in node["depends_on"]["nodes"]:
                visit(parent)
            wanted[key] = CompiledModel(
                node["schema"], node["name"], node["config"]["materialized"], node["compiled_code"]
            )

        for key, node in nodes.items():
            if node["name"] in MARTS:
                visit(key)
        return cls(tuple(wanted.values()))

    def run(
        self, tables: Mapping[str, pa.Table], connection: duckdb.DuckDBPyConnection | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Run every model over `tables` (`schema.name` → rows); canonical tables that are not given are empty."""
        con = connection or duckdb.connect()
        self.prepare(con)
        for name, table in tables.items():
            con.register("given_rows", table)
            if name.startswith("config."):
                con.execute(f"create table {name} as select * from given_rows")
            else:
                con.execute(f"insert into {name} by name select * from given_rows")
            con.unregister("given_rows")
        for model in self.models:
            self.create(con, model)
        return con

    def prepare(self, con: duckdb.DuckDBPyConnection) -> None:
        """Empty schemas and canonical tables in a database in memory, which becomes the current one."""
        con.execute("set timezone = 'UTC'")
        con.execute(f"attach ':memory:' as {DATABASE}")
        con.execute(f"use {DATABASE}")
        for schema in ("config", "landing", "staging", "intermediate", "marts"):
            con.execute(f"create schema {schema}")
        for name, columns in CANONICAL.items():
            con.execute(f"create table intermediate.{name} ({columns})")
        con.execute(
            "create table landing.review__signed_figures (source VARCHAR, account VARCHAR, stream VARCHAR, "
            "record_id VARCHAR, record_updated_at TIMESTAMP, extracted_at TIMESTAMP, run_id VARCHAR, payload VARCHAR)"
        )

    def create(self, con: duckdb.DuckDBPyConnection, model: CompiledModel) -> None:
        """Build one model."""
        kind = "view" if model.materialized == "view" else "table"
        con.execute(f"create {kind} {model.schema}.{model.name} as {model.sql}")
