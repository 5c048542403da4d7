"""The sandbox as a process: the vendors' APIs on this machine, and the connections that lead to it."""

from __future__ import annotations

import json
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from social_sla.extraction import accounts_in_use
from social_sla.local.environment import base_environment
from social_sla.local.installation import Installation
from social_sla.local.processes import ProcessTable

START_SECONDS = 60.0


class SandboxError(RuntimeError):
    """The sandbox did not get ready."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox. `first_at` and `end_at` bound its data, ISO 8601 UTC; its clock stands at `end_at`."""

    first_at: str
    end_at: str
    sources: tuple[str, ...]
    connection_of: dict[str, str]
    vendors: dict[str, dict[str, str]]

    def connections(self) -> dict[str, dict[str, object]]:
        """Airflow connections by id, in the JSON form of `AIRFLOW_CONN_…`."""
        return {
            connection_id: {
                "conn_type": "http",
                "host": self.vendors[source]["base_url"],
                "login": self.vendors[source].get("email", ""),
                "password": self.vendors[source]["token"],
                "extra": {"now": self.end_at},
            }
            for connection_id, source in self.connection_of.items()
        }


def _free_port_of_last_time(ready: Path) -> int:
    """The port that the sandbox had before, if nobody has it now, else 0 (any).

    Records hold links to their own server: on another port the same records would be new ones.
    """
    try:
        port = int(json.loads(ready.read_text())["port"])
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, ValueError, KeyError):
        return 0
    return port


def start_sandbox(installation: Installation, processes: ProcessTable) -> Sandbox:
    """Start it and wait until it answers.

    Raises:
        ProcessFailedError: it ended, for instance because the CSV cannot be used.
        SandboxError: it did not get ready in time.
    """
    settings = installation.settings
    state = settings.home / "sandbox"
    ready = state / "sandbox.json"
    port = _free_port_of_last_time(ready)
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(state)]
    if installation.messages is not None:
        command += ["--messages", str(installation.messages)]
    process = processes.start(
        "sandbox", command, base_environment(settings), state / "sandbox.log", settings.project_dir
    )
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        process.check()
        if time.monotonic() > deadline:
            raise SandboxError(f"The sandbox was not ready within {START_SECONDS:.0f} s; its log: {process.record.log}")
        time.sleep(0.1)
    told = json.loads(ready.read_text())
    accounts = accounts_in_use(settings.config_dir)
    return Sandbox(
        first_at=told["first_at"],
        end_at=told["end_at"],
        sources=tuple(dict.fromkeys(account.source for account in accounts)),
        connection_of={account.connection_id: account.source for account in accounts},
        vendors={name: told[name] for name in ("x", "zendesk")},
    )
