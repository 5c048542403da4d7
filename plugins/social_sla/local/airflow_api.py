"""The few calls of Airflow's REST API that the local run needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT_SECONDS = 10
FINAL_RUN_STATES = frozenset({"success", "failed"})


class AirflowApiError(RuntimeError):
    """Airflow did not answer, or refused; the message holds its answer."""


@dataclass(frozen=True)
class TaskState:
    """One task instance of a run. `duration` is in seconds, null before it ends."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int
    duration: float | None
    pid: int | None

    @property
    def name(self) -> str:
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


class AirflowApi:
    """One Airflow on this machine.

    Args:
        url: such as `http://127.0.0.1:8080`.
        user, password: of its simple auth manager.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._login = {"username": user, "password": password}
        self._session = requests.Session()
        # A proxy in the user's environment must not see calls to this machine.
        self._session.trust_env = False

    def wait_until_up(self, seconds: float, still_running: Callable[[], None]) -> None:
        """Return once Airflow answers and has let us in.

        Args:
            still_running: raises when the api-server has ended, so that nobody waits for a dead process.

        Raises:
            AirflowApiError: it did not answer within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while True:
            still_running()
            try:
                answer = self._session.post(f"{self.url}/auth/token", json=self._login, timeout=TIMEOUT_SECONDS)
                if answer.ok:
                    self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
                    return
            except requests.RequestException:
                pass
            if time.monotonic() > deadline:
                raise AirflowApiError(f"Airflow did not answer at {self.url} within {seconds:.0f} s.")
            time.sleep(0.2)

    def wait_for_scheduler(self, seconds: float, still_running: Callable[[], None]) -> None:
        """Return once a scheduler is at work.

        Raises:
            AirflowApiError: none was within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while self._call("GET", "/monitor/health")["scheduler"]["status"] != "healthy":
            still_running()
            if time.monotonic() > deadline:
                raise AirflowApiError(f"The scheduler of {self.url} was not healthy within {seconds:.0f} s.")
            time.sleep(0.3)

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run of its own time (no logical date) and give its run id."""
        body = {"logical_date": None, "conf": conf}
        return str(self._call("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """The state of one run, such as `running`."""
        return str(self._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def run_ids(self, dag_id: str) -> list[str]:
        """Ids of the newest runs of a DAG, newest first."""
        query = {"limit": 50, "order_by": "-run_after"}
        return [run["dag_run_id"] for run in self._call("GET", f"/dags/{dag_id}/dagRuns", params=query)["dag_runs"]]

    def tasks(self, dag_id: str, run_id: str) -> list[TaskState]:
        """The task instances of a run."""
        found = self._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", params={"limit": 100})
        return [
            TaskState(
                task_id=task["task_id"],
                map_index=task["map_index"],
                state=task["state"],
                try_number=task["try_number"],
                duration=task["duration"],
                pid=task["pid"],
            )
            for task in found["task_instances"]
        ]

    def returned(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What an unmapped task has returned; None when it returned nothing."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        try:
            return self._call("GET", path, params={"deserialize": "false", "stringify": "false"})["value"]
        except AirflowApiError:
            return None

    def _call(self, method: str, path: str, **more: Any) -> Any:
        for attempt in (1, 2, 3):
            try:
                answer = self._session.request(method, f"{self.url}/api/v2{path}", timeout=TIMEOUT_SECONDS, **more)
            except requests.RequestException as error:
                # Only reads are repeated: a second POST could start a second run.
                if method != "GET" or attempt == 3:
                    raise AirflowApiError(f"Airflow did not answer {method} {path}: {error}") from error
                time.sleep(1)
                continue
            if answer.status_code >= 500 and method == "GET" and attempt < 3:
                time.sleep(1)
                continue
            if not answer.ok:
                raise AirflowApiError(
                    f"Airflow answered {method} {path} with {answer.status_code}: {answer.text[:500]}"
                )
            return answer.json()
        raise AssertionError("unreachable")
