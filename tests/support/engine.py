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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from social_sla.warehouse.load import REVIEW_STREAMS

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

# Canonical tables: what the clocks read, and so what a test gives, with the ids as text. Keys are made here.
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
    "int_conversation_intents": "conversation_id VARCHAR, source VARCHAR, intent VARCHAR, matched_by VARCHAR",
    "int_views": "conversation_id VARCHAR, source VARCHAR, viewed_at TIMESTAMP",
}

# Of these, the ones that live only as long as a build.
WORKING = ("int_status_changes", "int_priority_changes", "int_assignments")

_KEY = "cast(hash(conversation_id) >> 1 as bigint)"
_UNTIL = "lead(changed_at) over (partition by conversation_id order by changed_at, source_order)"
_DERIVED = {
    "int_messages": f"""
        *,
        {_KEY} as conversation_key,
        in_reply_to_message_id as in_reply_to_source_message_id,
        author_key as other_author_key,
        team_id as source_team_id,
        direction = 'inbound' and author_role = 'customer' and excluded_reason is null as is_eligible_inbound,
        direction = 'outbound' and is_delivered and kind <> 'survey' and author_role = 'person' as is_human_response,
        direction = 'outbound' and is_delivered and kind <> 'survey'
        and author_role in ('person', 'bot', 'auto_reply') as is_any_response
    """,
    "int_conversations": f"""
        *,
        {_KEY} as conversation_key,
        cast(hash(merged_into_conversation_id) >> 1 as bigint) as merged_into_conversation_key
    """,
    "int_status_changes": f"*, {_KEY} as conversation_key, {_UNTIL} as until_at",
    "int_priority_changes": f"*, {_KEY} as conversation_key, {_UNTIL} as until_at",
    "int_assignments": f"""
        *,
        {_KEY} as conversation_key,
        {_UNTIL} as until_at,
        team_id as source_team_id,
        team_member_id as source_team_member_id
    """,
    "int_conversation_intents": f"*, {_KEY} as conversation_key",
    "int_views": f"*, {_KEY} as conversation_key",
}


@dataclass(frozen=True)
class CompiledModel:
    """One model as dbt compiles it."""

    database: str
    schema: str
    name: str
    materialized: str
    sql: str

    @property
    def relation(self) -> str:
        """Its full name."""
        return f"{self.database}.{self.schema}.{self.name}"


@dataclass(frozen=True)
class Engine:
    """The models between the canonical tables and the marts of clocks and months, in order."""

    models: tuple[CompiledModel, ...]
    seeds: tuple[Path, ...] = ()
    given: frozenset[str] = frozenset(CANONICAL)

    @classmethod
    def compile(
        cls,
        directory: Path,
        *,
        given: Collection[str] = frozenset(CANONICAL),
        marts: Sequence[str] = MARTS,
        incremental: bool = False,
    ) -> Engine:
        """Compile the dbt project into `directory` (a few seconds).

        Args:
            given: models that the caller makes; they and what only they need are left out.
            marts: what is built, with everything between.
            incremental: as an incremental build computes it, of the conversations that it touches.
        """
        directory.mkdir(parents=True, exist_ok=True)
        warehouse = directory / f"{DATABASE}.duckdb"
        env = os.environ | {
            "SOCIAL_SLA_WAREHOUSE": str(warehouse),
            "SOCIAL_SLA_PSEUDONYM_KEY": "a key for tests only",
            "SOCIAL_SLA_INCREMENTAL": str(incremental).lower(),
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
                    *(f"+{mart}" for mart in marts),
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
        wanted: dict[str, CompiledModel] = {}

        def visit(key: str) -> None:
            node = nodes.get(key)
            if node is None or node["name"] in given or key in wanted:
                return
            for parent in node["depends_on"]["nodes"]:
                visit(parent)
            wanted[key] = CompiledModel(
                node["database"], node["schema"], node["name"], node["config"]["materialized"], node["compiled_code"]
            )

        for key, node in nodes.items():
            if node["name"] in marts:
                visit(key)
        return cls(
            tuple(wanted.values()),
            tuple(sorted((PROJECT_DIR / "dbt_project" / "seeds").glob("*.csv"))),
            frozenset(given),
        )

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
                con.execute(f"insert into {name.replace('intermediate.', 'given.')} by name select * from given_rows")
            con.unregister("given_rows")
        for model in self.models:
            self.create(con, model)
        return con

    def prepare(self, con: duckdb.DuckDBPyConnection, path: str = ":memory:") -> None:
        """Empty schemas and canonical tables in a database, in memory or a new file, which becomes the current one."""
        con.execute("set timezone = 'UTC'")
        con.execute(f"attach '{path}' as {DATABASE}" + ("" if path == ":memory:" else " (storage_version 'latest')"))
        con.execute("attach ':memory:' as working; create schema working.intermediate")
        con.execute(f"use {DATABASE}")
        for schema in ("config", "landing", "staging", "given", "intermediate", "marts"):
            con.execute(f"create schema {schema}")
        for name, columns in CANONICAL.items():
            if name not in self.given:
                continue
            con.execute(f"create table given.{name} ({columns})")
            database = "working" if name in WORKING else DATABASE
            con.execute(
                f"create view {database}.intermediate.{name} as select {_DERIVED[name]} from {DATABASE}.given.{name}"
            )
        for seed in self.seeds:
            con.execute(f"create table staging.{seed.stem} as from read_csv(?, header = true)", [str(seed)])
        con.execute("create schema operations")
        con.execute("create table operations.touched_conversations (conversation_key BIGINT)")
        con.execute("create table operations.conversation_digests (conversation_key BIGINT, digest HUGEINT)")
        con.execute("create table operations.touched_people (account VARCHAR, user_id VARCHAR)")
        con.execute("create table operations.built_as_of (as_of TIMESTAMP)")
        con.execute("create table landing.changed_records (table_name VARCHAR, account VARCHAR, record_id VARCHAR)")
        for stream in REVIEW_STREAMS["review"]:
            con.execute(
                f"create table landing.review__{stream} (source VARCHAR, account VARCHAR, stream VARCHAR, "
                "record_id VARCHAR, record_updated_at TIMESTAMP, extracted_at TIMESTAMP, run_id VARCHAR, "
                "payload VARCHAR)"
            )

    def create(self, con: duckdb.DuckDBPyConnection, model: CompiledModel) -> None:
        """Build one model anew."""
        kind = "view" if model.materialized == "view" else "table"
        con.execute(f"create or replace {kind} {model.relation} as {model.sql}")

    def update(self, con: duckdb.DuckDBPyConnection, model: CompiledModel) -> None:
        """Build one model as an incremental build does: what stays replaces the rows of touched conversations."""
        if model.materialized != "incremental":
            self.create(con, model)
            return
        name = model.relation
        con.execute(f"create or replace temp table replacing as {model.sql}")
        con.execute("begin")
        con.execute(
            f"delete from {name} where conversation_key in "
            f"(select conversation_key from {DATABASE}.intermediate.int_touched_conversations)"
        )
        con.execute(f"insert into {name} by name select * from replacing")
        con.execute("commit")
        con.execute("drop table replacing")
