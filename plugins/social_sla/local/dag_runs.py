"""Starting DAG runs, following them, and saying what went wrong in one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from social_sla.local.airflow_api import FINAL_RUN_STATES, AirflowApi, TaskState
from social_sla.local.progress import Progress
from social_sla.local.task_logs import task_log_path, task_log_tail

POLL_SECONDS = 1.0
FAILED_STATES = frozenset({"failed"})


class DagRunFailedError(RuntimeError):
    """A DAG run failed or took too long; the message holds the failing tasks' log tails."""


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG."""

    dag_id: str
    run_id: str


class DagRuns:
    """The runs of one local Airflow.

    Args:
        logs: Airflow's log folder.
        still_running: raises when a process that we need has ended.
    """

    def __init__(self, api: AirflowApi, logs: Path, progress: Progress, still_running: Callable[[], None]) -> None:
        self._api = api
        self._logs = logs
        self._progress = progress
        self._still_running = still_running

    def start(self, dag_id: str, **conf: object) -> DagRun:
        """Trigger a DAG with params."""
        return DagRun(dag_id, self._api.trigger(dag_id, conf))

    def wait(self, runs: Sequence[DagRun], seconds: float) -> None:
        """Return when all runs have succeeded.

        Raises:
            DagRunFailedError: one failed, or they were not done within `seconds`.
        """
        deadline = time.monotonic() + seconds
        open_runs = list(runs)
        while open_runs:
            self._still_running()
            tasks = {run: self._api.tasks(run.dag_id, run.run_id) for run in runs}
            self._progress.under_way(" · ".join(_progress_words(run, found) for run, found in tasks.items()))
            for run in list(open_runs):
                state = self._api.run_state(run.dag_id, run.run_id)
                if state == "failed":
                    raise DagRunFailedError(self.explain(run))
                if state in FINAL_RUN_STATES:
                    open_runs.remove(run)
            if open_runs and time.monotonic() > deadline:
                raise DagRunFailedError(
                    "\n\n".join([f"Not done within {seconds:.0f} s:", *(self.explain(run) for run in open_runs)])
                )
            if open_runs:
                time.sleep(POLL_SECONDS)

    def known(self, dag_id: str) -> frozenset[str]:
        """Ids of the DAG's runs so far, to tell a new one from them."""
        return frozenset(self._api.run_ids(dag_id))

    def wait_for_new(self, dag_id: str, known: frozenset[str], seconds: float) -> DagRun:
        """The run that somebody else (an asset) starts.

        Raises:
            DagRunFailedError: none began within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while True:
            self._still_running()
            for run_id in self._api.run_ids(dag_id):
                if run_id not in known:
                    return DagRun(dag_id, run_id)
            if time.monotonic() > deadline:
                raise DagRunFailedError(f"No run of {dag_id} began within {seconds:.0f} s of what should start it.")
            time.sleep(POLL_SECONDS)

    def explain(self, run: DagRun) -> str:
        """What went wrong in a run: its unsuccessful tasks with the ends of their logs."""
        tasks = self._api.tasks(run.dag_id, run.run_id)
        failed = [task for task in tasks if task.state in FAILED_STATES]
        # A run that is not over yet has no failed task: show what it is busy with.
        shown = failed or [task for task in tasks if task.state not in ("success", "upstream_failed", None)]
        blocks = [f"{run.dag_id} did not succeed (run {run.run_id})."]
        blocks += [f"--- {run.dag_id}.{task.name}: {task.state}\n{self._tail(run, task)}" for task in shown]
        blocks += [self.explain(started) for started in self._started_by(run, shown)]
        return "\n".join(blocks)

    def _started_by(self, run: DagRun, tasks: Sequence[TaskState]) -> list[DagRun]:
        """The run of build_sla_marts that a review starts and waits for: the reason lies there."""
        if not any(task.task_id == "publish_release" for task in tasks):
            return []
        started = f"review__{run.run_id}"
        return [DagRun("build_sla_marts", started)] if started in self._api.run_ids("build_sla_marts") else []

    def _tail(self, run: DagRun, task: TaskState) -> str:
        path = task_log_path(self._logs, run.dag_id, run.run_id, task.task_id, task.map_index, max(task.try_number, 1))
        return task_log_tail(path)


def _progress_words(run: DagRun, tasks: Sequence[TaskState]) -> str:
    states = Counter(task.state for task in tasks)
    running = sorted({task.task_id for task in tasks if task.state in ("running", "up_for_retry")})
    again = " (again)" if states["up_for_retry"] else ""
    return f"{run.dag_id}: {states['success']} of {len(tasks)} tasks done" + (
        f", now {', '.join(running)}{again}" if running else ""
    )
