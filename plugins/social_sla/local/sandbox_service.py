"""The sandbox as a process: the vendors' APIs on this machine, and the connections that lead to it."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass

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


def start_sandbox(installation: Installation, processes: ProcessTable) -> Sandbox:
    """Start it and wait until it answers.

    Raises:
        ProcessFailedError: it ended, for instance because the CSV cannot be used.
        SandboxError: it did not get ready in time.
    """
    settings = installation.settings
    state = settings.home / "sandbox"
    ready = state / "sandbox.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(state)]
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
