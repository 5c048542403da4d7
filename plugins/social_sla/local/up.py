"""`make up` and `make down`: the sandbox and the whole of Airflow, left running."""

from __future__ import annotations

from social_sla.local.airflow_service import FOR_USERS, LocalAirflow, begin_preparing, finish_preparing
from social_sla.local.environment import ADMIN, admin_password
from social_sla.local.installation import Installation
from social_sla.local.lock import only_one
from social_sla.local.processes import ProcessTable
from social_sla.local.progress import Progress
from social_sla.local.sandbox_service import start_sandbox


def up(installation: Installation, progress: Progress, port: int) -> None:
    """Start sandbox, scheduler, dag-processor, api-server and triggerer, and say where they are.

    Args:
        port: the api-server's, if it is free.
    """
    settings = installation.settings
    with only_one(settings.home):
        processes = ProcessTable(settings.home / "processes", tied=False)
        if processes.alive():
            names = ", ".join(record.name for record in processes.alive())
            progress.say(f"Already up ({names}): starting anew.")
        processes.stop_all()
        try:
            with progress.step("Sandbox and Airflow are up"):
                preparing = begin_preparing(settings)
                sandbox = start_sandbox(installation, processes)
                finish_preparing(settings, preparing)
                airflow = LocalAirflow(settings, processes, sandbox.connections(), preferred_port=port)
                airflow.start(FOR_USERS)
        except BaseException:
            processes.stop_all()
            raise
    progress.say(f"Airflow: {airflow.url}  user {ADMIN}, password {admin_password(settings)}")
    progress.say(
        f"History to extract: trigger extract_… with start {sandbox.first_at} and end {sandbox.end_at}; the marts "
        "follow by themselves. Timed runs are off: these data have a time of their own. `make down` stops everything."
    )


def down(installation: Installation, progress: Progress) -> None:
    """Stop what `up` has started (or what a killed run has left)."""
    settings = installation.settings
    with only_one(settings.home):
        stopped = ProcessTable(settings.home / "processes").stop_all()
    progress.say(f"Stopped {stopped} processes." if stopped else "Nothing was running.")
