"""The gate as a task calls it: one build in, one report out, evaluated in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from social_sla.quality.report import GateError, GateReport
from social_sla.settings import Settings

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,199}")


def report_path(settings: Settings, gate_run_id: str) -> Path:
    """Where the report of a gate run is stored: `<home>/gate/<gate_run_id>.json`.

    Raises:
        GateError: the id cannot be a file's name.
    """
    if not _RUN_ID.fullmatch(gate_run_id):
        raise GateError(f"{gate_run_id!r} cannot be a gate run's id: letters, digits and _ . : + - only, at most 200.")
    return settings.home / "gate" / f"{gate_run_id}.json"


def run_gate(settings: Settings, *, as_of: datetime | None = None, gate_run_id: str) -> GateReport:
    """Check the built marts against every declared expectation; nothing is changed but the report and the data docs.

    The warehouse is opened read-only by a process that then ends: a DuckDB file stays locked for as long as any
    handle on it lives, and Great Expectations keeps several.

    Args:
        settings: where the warehouse, the expectations and the last release are.
        as_of: the instant that the build must be of; None takes the build's own.
        gate_run_id: names the stored report. A second run with the same id keeps the first one's report beside it.

    Returns:
        The report, also when the gate failed; `raise_if_failed()` turns that into an exception.

    Raises:
        GateError: nothing could be evaluated: there is no build, or the expectations cannot be read.
    """
    path = report_path(settings, gate_run_id)
    if not settings.warehouse_path.exists():
        raise GateError(f"There is no warehouse at {settings.warehouse_path}: build the marts first.")
    request = {
        "home": str(settings.home),
        "warehouse_path": str(settings.warehouse_path),
        "marts_path": str(settings.marts_path),
        "data_docs_dir": str(settings.data_docs_dir),
        "expectations_dir": str(settings.expectations_dir),
        "report_path": str(path),
        "gate_run_id": gate_run_id,
        "as_of": None if as_of is None else _utc(as_of).isoformat(),
    }
    packages = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "GX_ANALYTICS_ENABLED": "false", "PYTHONWARNINGS": "ignore"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH", "")]))
    # The command is this interpreter and this package, never anything that came from outside.
    done = subprocess.run(
        [sys.executable, "-m", "social_sla.quality.worker"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"the process ended with {done.returncode}"]
        raise GateError(f"The gate could not be run: {lines[-1]}\n" + "\n".join(lines[-30:-1]))
    return GateReport.load(path)


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
