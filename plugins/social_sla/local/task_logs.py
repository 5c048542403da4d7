"""A task's log in words: Airflow writes one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST_LINES = 25
MOST_CHARACTERS = 6_000


def task_log_path(logs: Path, dag_id: str, run_id: str, task_id: str, map_index: int, attempt: int) -> Path:
    """Where Airflow keeps the log of one attempt of one task instance."""
    folder = logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task_id}"
    if map_index >= 0:
        folder /= f"map_index={map_index}"
    return folder / f"attempt={attempt}.log"


def task_log_tail(path: Path) -> str:
    """Why the task failed: its exception as it says it itself, else the end of its log."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return f"(no log at {path}: the task never began)"
    entries = [_entry(line) for line in lines]
    errors = [error for entry in entries for error in (entry.get("error_detail") or [])[:1]]
    if errors:
        # Our own exceptions say what to do; the frames are in the log for whoever wants them.
        text = f"{errors[-1].get('exc_value')}"
    else:
        text = "\n".join(str(entry.get("event", "")) for entry in entries[-MOST_LINES:])
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}\n…"
    return f"{text}\nWhole log: {path}"


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {"event": line}
    return entry if isinstance(entry, dict) else {"event": line}
