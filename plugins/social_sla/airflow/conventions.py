"""What every DAG of the project has in common: tags, owner, pools, schedules, documentation."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any

import pendulum
from airflow.sdk import AssetOrTimeSchedule, CronDataIntervalTimetable, CronTriggerTimetable, conf
from airflow.sdk.definitions.asset import BaseAsset


class Tag(StrEnum):
    """The only tags in use, so that Airflow's filter stays useful."""

    EXTRACTION = "extraction"
    WAREHOUSE = "warehouse"
    REVIEW = "review"


OWNER = "support-analytics"
"""Who is asked first when a DAG fails."""

WRITER_POOL = "duckdb_writer"
"""One slot: a DuckDB file has one writer. Every task that opens warehouse.duckdb runs in it."""

CONNECTION_POOL_SLOTS = 4
"""Tasks that may call one vendor account at a time; the vendors' limits count calls, so more would only wait."""

START_DATE = pendulum.datetime(2024, 1, 1, tz="UTC")
"""Only says from when on timed runs exist; history is loaded with the params start and end."""


def connection_pool(connection_id: str) -> str:
    """The pool of the tasks that use one connection."""
    return f"connection_{connection_id}"


def timed_runs() -> bool:
    """Whether DAGs also run by the clock (`[social_sla] timed_runs`, default on).

    A demonstration has data of its own time and switches it off: a window of today's date would land nothing.
    """
    return bool(conf.getboolean("social_sla", "timed_runs", fallback=True))


def longest_sleep_seconds() -> float:
    """The longest wait that a task sleeps through; a longer one is left to the triggerer (`[social_sla]
    longest_sleep_seconds`, default 60). A run without a triggerer sets it to 0, and sleeps through all of them."""
    seconds = conf.getint("social_sla", "longest_sleep_seconds", fallback=60)
    return seconds if seconds > 0 else math.inf


def daily_windows() -> CronDataIntervalTimetable | None:
    """One run a UTC day with that day as its data interval; None where timed runs are off."""
    return CronDataIntervalTimetable("0 0 * * *", timezone="UTC") if timed_runs() else None


def at(cron: str) -> CronTriggerTimetable | None:
    """Runs at the times of `cron` (UTC); None where timed runs are off."""
    return CronTriggerTimetable(cron, timezone="UTC") if timed_runs() else None


def assets_or_daily(assets: BaseAsset, cron: str) -> BaseAsset | AssetOrTimeSchedule:
    """Runs when all `assets` are new and, where timed runs are on, at the times of `cron` (UTC)."""
    timetable = at(cron)
    return assets if timetable is None else AssetOrTimeSchedule(timetable=timetable, assets=assets)


def default_args(**more: Any) -> dict[str, Any]:
    """Task defaults. The delay between retries is Airflow's `[core] default_task_retry_delay`."""
    return {"owner": OWNER, "retries": 1, **more}


def doc(what: str, when_it_fails: str) -> str:
    """A DAG's `doc_md`: what it does, who owns it, what to do when it fails."""
    return f"{what.strip()}\n\n**Owner:** {OWNER}\n\n**When it fails:** {when_it_fails.strip()}\n"
