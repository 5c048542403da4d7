"""One Airflow in one home: made ready, started, and stopped again."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from social_sla.local.airflow_api import AirflowApi
from social_sla.local.environment import (
    ADMIN,
    admin_password,
    airflow_environment,
    airflow_home,
    free_port,
)
from social_sla.local.processes import ProcessTable, log_tail
from social_sla.settings import Settings

START_SECONDS = 90.0
FOR_A_RUN = ("api-server", "scheduler")
"""Enough to run DAGs that are in the metadata already; nothing of ours defers, nothing is parsed anew."""
FOR_USERS = (*FOR_A_RUN, "dag-processor", "triggerer")

_COMMANDS = {
    "api-server": ["api-server"],
    # Logs are files of this machine: nobody needs the log server, whose port is fixed.
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}


class AirflowStartError(RuntimeError):
    """Airflow could not be made ready; the message holds the end of the log."""


class LocalAirflow:
    """Airflow's processes over the metadata in `<home>/airflow`.

    Args:
        connections: the sources' connections by id, in the JSON form of `AIRFLOW_CONN_…`.
        preferred_port: taken if it is free.
    """

    def __init__(
        self,
        settings: Settings,
        processes: ProcessTable,
        connections: Mapping[str, Mapping[str, object]],
        preferred_port: int | None = None,
    ) -> None:
        self._settings = settings
        self._processes = processes
        self._environment = airflow_environment(settings, free_port(preferred_port), connections)
        self.url = self._environment["AIRFLOW__API__BASE_URL"]
        self.api = AirflowApi(self.url, ADMIN, admin_password(settings))

    def start(self, components: Sequence[str] = FOR_A_RUN) -> None:
        """Start the components and wait until they serve.

        Raises:
            ProcessFailedError: one of them ended.
            AirflowApiError: they did not get ready in time.
        """
        mark_in_use(self._settings)
        for name in components:
            self._processes.start(
                name,
                [sys.executable, "-m", "airflow", *_COMMANDS[name]],
                self._environment,
                airflow_home(self._settings) / "logs" / f"{name}.log",
                self._settings.project_dir,
            )
        self.api.wait_until_up(START_SECONDS, self._processes.check)
        self.api.wait_for_scheduler(START_SECONDS, self._processes.check)


def begin_preparing(settings: Settings) -> subprocess.Popen[bytes] | None:
    """Make the metadata ready in a process of its own, unless a clean stop has left it so.

    Runs that a killed Airflow left open are closed: nobody will work on them.
    """
    if _is_ready(settings):
        return None
    admin_password(settings)
    log = _bootstrap_log(settings)
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = airflow_environment(settings, free_port(), {})
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "social_sla.airflow.bootstrap", "--close-open-runs"],
            env=environment,
            cwd=settings.project_dir,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def finish_preparing(settings: Settings, preparing: subprocess.Popen[bytes] | None) -> None:
    """Wait for `begin_preparing`. Metadata that cannot be used (half made, of another version) is made anew.

    Raises:
        AirflowStartError: also new metadata cannot be made, for instance because a DAG file is broken.
    """
    if preparing is None or preparing.wait() == 0:
        return
    for path in airflow_home(settings).glob("airflow.db*"):
        path.unlink()
    again = begin_preparing(settings)
    if again is not None and again.wait() != 0:
        raise AirflowStartError(f"Airflow's metadata could not be made:\n{log_tail(_bootstrap_log(settings))}")


def mark_in_use(settings: Settings) -> None:
    """From here on the metadata may hold open runs."""
    _ready_file(settings).unlink(missing_ok=True)


def mark_ready(settings: Settings) -> None:
    """After a stop with every run finished: the next start need not prepare anything."""
    _ready_file(settings).write_text(json.dumps({"fingerprint": _fingerprint(settings)}))


def _is_ready(settings: Settings) -> bool:
    try:
        fingerprint = json.loads(_ready_file(settings).read_text())["fingerprint"]
    except (FileNotFoundError, ValueError, KeyError):
        return False
    return bool(fingerprint == _fingerprint(settings) and (airflow_home(settings) / "airflow.db").exists())


def _fingerprint(settings: Settings) -> str:
    """What the serialised DAGs depend on: Airflow, the DAG files, the package that they import, the channels."""
    project = settings.project_dir
    files = [*project.glob("dags/*.py"), *project.glob("plugins/**/*.py"), settings.config_dir / "channels.yaml"]
    lines = [sys.version, metadata.version("apache-airflow"), str(project)]
    lines += [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _ready_file(settings: Settings) -> Path:
    return airflow_home(settings) / "ready.json"


def _bootstrap_log(settings: Settings) -> Path:
    return airflow_home(settings) / "logs" / "bootstrap.log"
