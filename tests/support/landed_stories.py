"""From vendors' JSON to models: landed, loaded and built by dbt, without Airflow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from social_sla.agreements import config_tables, load_config
from social_sla.agreements.tables import write_config
from social_sla.agreements.vocabulary import TRAITS, Source
from social_sla.landing import Landing, PartitionKey
from social_sla.sources.base import Window
from social_sla.sources.extract import record_of
from social_sla.sources.registry import get_stream
from social_sla.warehouse.connection import open_warehouse
from social_sla.warehouse.load import load_landing

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Streams = dict[str, list[dict[str, Any]]]


CALENDARS = """
schedules:
  - {schedule_id: always, title: Always, timezone: UTC, weekly: {mon-sun: ["00:00-24:00"]}}
"""
CHANNEL = """
  - channel_id: {source}
    name: {source}
    source: {source}
    account: "{account}"
    connection: {source}_default
    kind: email
    strategic_objective: To be measured.
    timezone: UTC
    languages: [en]"""
AGREEMENT = """
agreement_id: desks
version: 1
title: Desks
kind: customer
level: corporate
overview: All desks.
provider: The company
customer: Everybody
timezone: UTC
valid_from: 2026-01-01
change_reason: First version.
channels: [{channels}]
parties:
  - {{party_id: company, name: The company, role: provider}}
approvals:
  - {{party: company, by: The company, date: 2025-12-01}}
goals:
  - {{goal_id: first, title: First, metric: first_response, basis: calendar, goal_rate: 0.9, target: 10m}}
"""
FULL = "  - {goal_id: full, title: Full, metric: full_resolution, basis: calendar, goal_rate: 0.9, target: 8h}\n"


def config_files(stories: Mapping[str, tuple[str, Streams]]) -> dict[str, str]:
    """A channel for each source (its id is the source's name), and one agreement over all: an answer in 10 minutes,
    and, where every source knows statuses, the solution in 8 hours.
    """
    full = FULL if all(TRAITS[Source(source)].has_statuses for source in stories) else ""
    channels = (CHANNEL.format(source=source, account=account) for source, (account, _) in stories.items())
    return {
        "channels.yaml": "channels:" + "".join(channels),
        "calendars.yaml": CALENDARS,
        "agreements/desks.yaml": AGREEMENT.format(channels=", ".join(stories)) + full,
    }


@contextmanager
def built_stories(
    home: Path, stories: Mapping[str, tuple[str, Streams]], select: Sequence[str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The stories (source → account, raw records by stream) of one day, landed, loaded, and built as of its end.

    `select` names the models that dbt builds, with all that they need.
    """
    landing, path = Landing((home / "landing").as_uri()), home / "warehouse.duckdb"
    for source, (account, streams) in stories.items():
        for name, raw in streams.items():
            records = [record_of(get_stream(source, name), row, Window(START, START + DAY)) for row in raw]
            key = PartitionKey(source, account, name, START, START + DAY)
            landing.replace_partition(key, records, run_id="r", extracted_at=START + DAY)
    for name, text in config_files(stories).items():
        (home / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "config" / name).write_text(text, encoding="utf-8")
    config = load_config(home / "config")
    with open_warehouse(path) as connection:
        load_landing(landing, connection)
        write_config(config_tables(config, as_of=START + DAY, first_at=START), connection)
    run = subprocess.run(
        [
            *[sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--quiet", "build"],
            *["--resource-type", "seed", "--resource-type", "model"],
            *["--select", *(f"+{model}" for model in select)],
            *["--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project")],
            *["--target-path", str(home / "target"), "--log-path", str(home / "logs")],
        ],
        env=os.environ
        | {
            "SOCIAL_SLA_WAREHOUSE": str(path),
            "SOCIAL_SLA_PSEUDONYM_KEY": "a key for tests only",
            "PYTHONPATH": str(ROOT / "plugins"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=home,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection
