"""`make run`: from nothing to a published, reviewed release, through Airflow, on this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from social_sla.local.airflow_service import LocalAirflow, begin_preparing, finish_preparing, mark_ready
from social_sla.local.dag_runs import DagRuns
from social_sla.local.environment import airflow_home
from social_sla.local.installation import Installation
from social_sla.local.lock import only_one
from social_sla.local.processes import ProcessTable
from social_sla.local.progress import Progress
from social_sla.local.sandbox_service import Sandbox, start_sandbox
from social_sla.settings import Settings

EXTRACT_SECONDS = 600.0
BUILD_BEGIN_SECONDS = 60.0
BUILD_SECONDS = 600.0
REVIEW_SECONDS = 600.0
REVIEWED_MONTHS = 3


def run(installation: Installation, progress: Progress) -> None:
    """Sandbox and Airflow up, history extracted, marts built and published, the last whole months reviewed.

    Everything is stopped at the end, whatever happens. A run after a killed one goes on from what is complete:
    partitions, the warehouse's last commit, releases.

    Raises:
        DagRunFailedError, ProcessFailedError, AirflowApiError, AirflowStartError, SandboxError, HomeBusyError
    """
    settings = installation.settings
    with only_one(settings.home), _interruptible():
        processes = ProcessTable(settings.home / "processes")
        if left := processes.stop_all():
            progress.say(f"Stopped {left} processes that an earlier run or `make up` had left in this home.")
        try:
            with progress.step("Sandbox and Airflow are up"):
                preparing = begin_preparing(settings)
                sandbox = start_sandbox(installation, processes)
                finish_preparing(settings, preparing)
                airflow = LocalAirflow(settings, processes, sandbox.connections())
                airflow.start()
            _work(settings, airflow, sandbox, processes, progress)
            processes.stop_all()
            mark_ready(settings)
        finally:
            processes.stop_all()


def _work(
    settings: Settings, airflow: LocalAirflow, sandbox: Sandbox, processes: ProcessTable, progress: Progress
) -> None:
    runs = DagRuns(airflow.api, airflow_home(settings) / "logs", progress, processes.check)
    window = {"start": sandbox.first_at, "end": sandbox.end_at}
    with progress.step(f"Extracted {sandbox.first_at[:10]} to {sandbox.end_at[:10]}"):
        builds = runs.known("build_sla_marts")
        runs.wait([runs.start(f"extract_{source}", **window) for source in sandbox.sources], EXTRACT_SECONDS)
    with progress.step("Built, audited and published the marts"):
        runs.wait([runs.wait_for_new("build_sla_marts", builds, BUILD_BEGIN_SECONDS)], BUILD_SECONDS)
    with progress.step(f"Reviewed the last {REVIEWED_MONTHS} whole months"):
        runs.wait([runs.start("review_sla_month", months=REVIEWED_MONTHS)], REVIEW_SECONDS)


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP end the run like Ctrl-C does, so that the processes are stopped."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    previous = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
