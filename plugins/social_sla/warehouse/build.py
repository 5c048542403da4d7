"""dbt build in a process of its own: when it ends, for whatever reason, DuckDB's lock is free."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from social_sla.settings import Settings
from social_sla.warehouse.connection import open_warehouse
from social_sla.warehouse.inputs import (
    BuildKind,
    Inputs,
    Selection,
    changed_share,
    forget,
    loaded_as_of,
    read_inputs,
    recall,
    remember,
    selection,
)

log = logging.getLogger(__name__)

SUCCESS = frozenset({"success", "pass", "warn", "no-op", "skipped-by-user"})
MOST_FAILURES_SHOWN = 20


class BuildError(RuntimeError):
    """dbt could not be run, or a node failed; the message holds the nodes with their rows, or the end of the output."""


@dataclass(frozen=True)
class NodeFailure:
    """A model or test that failed, or was left out for that. `rows` is the number of offending rows of a test."""

    node: str
    status: str
    message: str
    rows: int | None = None
    sample: tuple[str, ...] = ()

    def text(self) -> str:
        """For a log: the node, what is wrong, the first rows."""
        lines = [f"{self.status}: {self.node}" + (f" ({self.rows} rows)" if self.rows else ""), f"  {self.message}"]
        return "\n".join([*lines, *(f"  {row}" for row in self.sample)])


@dataclass(frozen=True)
class BuildReport:
    """A dbt build. `counts` are nodes by status, `seconds` the wall time, `select` what was built (None: all)."""

    as_of: datetime
    is_success: bool
    kind: BuildKind
    why: str
    select: list[str] | None
    counts: dict[str, int]
    seconds: float
    failures: tuple[NodeFailure, ...] = ()

    def summary(self) -> str:
        """For a log or an exception: the verdict, then every failure with its rows."""
        counts = ", ".join(f"{number} {status}" for status, number in sorted(self.counts.items())) or "nothing to do"
        verdict = "done" if self.is_success else "FAILED"
        head = f"{self.kind} dbt build {verdict} in {self.seconds:.1f} s ({self.why}): {counts}."
        # What was skipped only follows from what failed.
        shown = [failure for failure in self.failures if failure.status != "skipped"][:MOST_FAILURES_SHOWN]
        return "\n".join([head, *(failure.text() for failure in shown)])

    def raise_if_failed(self) -> BuildReport:
        """The report itself when the build succeeded.

        Raises:
            BuildError: with the summary.
        """
        if not self.is_success:
            raise BuildError(self.summary())
        return self

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, without the failures."""
        return {
            "as_of": self.as_of.isoformat(),
            "kind": self.kind.value,
            "select": self.select,
            "counts": self.counts,
            "seconds": round(self.seconds, 1),
        }


def build(settings: Settings, *, select: Sequence[str] | None = None, full_refresh: bool = False) -> BuildReport:
    """Build the models, seeds and tests: all of them, or for what the last loads and the passing of time have touched.

    `as_of` is that of the loaded configuration (schema `config`), so every model sees the same one.

    Args:
        select: dbt selectors, for work by hand; the build is then a full one of these and does not count as complete.
        full_refresh: build everything from nothing.

    Raises:
        BuildError: dbt did not run.
        NotLoadedError: the warehouse was never loaded.
    """
    with open_warehouse(settings.warehouse_path) as connection:
        as_of = loaded_as_of(connection)
        inputs = read_inputs(settings, connection)
        built = recall(connection)
        chosen = selection(inputs, built, changed_share=changed_share(connection) if built else 0.0)
        if full_refresh or select is not None:
            chosen = Selection(BuildKind.FULL, "asked for by hand")
        if chosen.kind is BuildKind.NOTHING:
            return BuildReport(as_of, True, chosen.kind, chosen.why, [], {}, 0.0)
        forget(connection)
    report = _run_dbt(settings, as_of=as_of, select=None if select is None else list(select), chosen=chosen)
    if report.is_success and select is None:
        _remember(settings, inputs)
    return report


def _remember(settings: Settings, inputs: Inputs) -> None:
    with open_warehouse(settings.warehouse_path) as connection:
        if read_inputs(settings, connection) == inputs:
            remember(connection, inputs)
        else:
            # What was loaded beside the build is noted nowhere: without this memory the next build is a full one.
            log.warning(
                "Something was loaded, or the project was changed, while dbt ran: the next build is a full one."
            )


def _run_dbt(settings: Settings, *, as_of: datetime, select: list[str] | None, chosen: Selection) -> BuildReport:
    folder = settings.home / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="result-") as scratch:
        result = Path(scratch) / "result.json"
        command = [sys.executable, "-m", "social_sla.warehouse.dbt_process", str(result)]
        request = {
            "project_dir": str(settings.dbt_project_dir),
            "target_dir": str(folder / "target"),
            "log_dir": str(folder / "logs"),
            "select": select,
            "full_refresh": chosen.kind is BuildKind.FULL,
        }
        # The command is this interpreter and this package, never anything that came from outside.
        done = subprocess.run(  # noqa: S603
            command,
            input=json.dumps(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **_environment(settings, chosen.kind),
                # The models of sources that no configured channel has stay out of the build.
                "SOCIAL_SLA_SOURCES": ",".join(_sources_in_use(settings)) or "none",
            },
            check=False,
        )
        if not result.exists():
            tail = "\n".join(done.stdout.splitlines()[-30:])
            raise BuildError(f"dbt could not be run (exit code {done.returncode}):\n{tail}")
        outcome = json.loads(result.read_text())
    nodes = [NodeFailure(**{**node, "sample": tuple(node["sample"])}) for node in outcome["nodes"]]
    failures = tuple(node for node in nodes if node.status not in SUCCESS)
    if not outcome["success"] and not failures:
        raise BuildError(f"dbt could not be run: {outcome['exception']}")
    return BuildReport(
        as_of=as_of,
        is_success=bool(outcome["success"]),
        kind=chosen.kind,
        why=chosen.why,
        select=select,
        counts=dict(Counter(node.status for node in nodes)),
        seconds=float(outcome["seconds"]),
        failures=failures,
    )


def _sources_in_use(settings: Settings) -> list[str]:
    with open_warehouse(settings.warehouse_path) as connection:
        try:
            rows = connection.execute("select distinct source from config.channels order by source").fetchall()
        except duckdb.CatalogException:
            return []
    return [source for (source,) in rows]


def _environment(settings: Settings, kind: BuildKind) -> dict[str, str]:
    packages = str(Path(__file__).resolve().parents[2])
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH", "")])),
        "SOCIAL_SLA_WAREHOUSE": str(settings.warehouse_path),
        "SOCIAL_SLA_INCREMENTAL": str(kind is BuildKind.INCREMENTAL).lower(),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
