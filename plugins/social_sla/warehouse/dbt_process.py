"""The process in which dbt runs: `python -m social_sla.warehouse.dbt_process RESULT.json`, the request on stdin."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
MOST_ROWS_SHOWN = 5
SHOWN_COLUMN = re.compile(
    r"(_id|_key|_at|_date|_seconds|_count|_rate|_number|_reason|_field|_records)$|^(metric|outcome|period|source|status)$"
)
"""Columns that may be shown in a log: never a text, a name or an address (P1)."""


def main() -> int:
    """Run `dbt build` as the request says and write the outcome of every node; exit code 0 when it succeeded."""
    if sys.platform == "linux":
        # A task that is killed must not leave a dbt behind that holds the warehouse.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    request = json.load(sys.stdin)

    from dbt.cli.main import dbtRunner

    arguments = ["--quiet", "--no-use-colors", "--log-path", request["log_dir"], "build"]
    arguments += ["--project-dir", request["project_dir"], "--profiles-dir", request["project_dir"]]
    arguments += ["--target-path", request["target_dir"]]
    # Unit tests are about the SQL, not about the data: they belong to `make test`, not to every build.
    arguments += ["--exclude-resource-type", "unit_test"]
    if request["select"] is not None:
        arguments += ["--select", *request["select"]]
    if request["full_refresh"]:
        arguments.append("--full-refresh")
    began = time.monotonic()
    outcome = dbtRunner().invoke(arguments)
    results = getattr(outcome.result, "results", None) or []
    document = {
        "success": bool(outcome.success),
        "exception": "" if outcome.exception is None else str(outcome.exception),
        "seconds": time.monotonic() - began,
        "nodes": [_node(result) for result in results],
    }
    result = Path(sys.argv[1])
    temporary = result.with_suffix(".tmp")
    temporary.write_text(json.dumps(document))
    temporary.replace(result)
    return 0 if outcome.success else 1


def _node(result: Any) -> dict[str, Any]:
    status = str(getattr(result.status, "value", result.status))
    return {
        "node": result.node.unique_id,
        "status": status,
        "message": (result.message or "").strip(),
        "rows": result.failures,
        "sample": _sample(getattr(result.node, "compiled_code", None)) if status == "fail" else [],
    }


def _sample(sql: str | None) -> list[str]:
    """The first rows that a failed test found, as `column=value` texts; empty where they cannot be read again."""
    if not sql:
        return []
    import duckdb

    try:
        with duckdb.connect(os.environ["SOCIAL_SLA_WAREHOUSE"]) as connection:
            cursor = connection.execute(f"select * from ({sql}) limit {MOST_ROWS_SHOWN}")  # noqa: S608 - dbt's own SQL
            names = [column[0] for column in cursor.description or []]
            return [
                ", ".join(
                    f"{name}={value}" for name, value in zip(names, row, strict=True) if SHOWN_COLUMN.search(name)
                )
                for row in cursor.fetchall()
            ]
    except duckdb.Error:
        return []


if __name__ == "__main__":
    sys.exit(main())
