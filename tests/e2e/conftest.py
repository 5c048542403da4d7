"""Runs of the real `social_sla run` in homes of their own."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FIRST = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DAYS = 125
RUN_SECONDS = 500


@dataclass(frozen=True)
class Home:
    """A home for `social_sla run`, with the same pseudonym key in every home so that releases can be compared."""

    path: Path
    messages: Path | None = None
    more: dict[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        """The command that `make run` runs."""
        more = ["--messages", str(self.messages)] if self.messages else []
        return [sys.executable, "-m", "social_sla.cli", "run", *more]

    def environment(self) -> dict[str, str]:
        """Its environment, without what the test's own process has set."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SOCIAL_SLA"))
        }
        return {
            **inherited,
            "PYTHONPATH": str(PROJECT / "plugins"),
            "SOCIAL_SLA_HOME": str(self.path),
            "SOCIAL_SLA_PSEUDONYM_KEY": "the same key in every home of this test",
            **self.more,
        }

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            self.command(), cwd=PROJECT, env=self.environment(), capture_output=True, text=True, timeout=RUN_SECONDS
        )

    def start(self) -> subprocess.Popen[bytes]:
        """Begin a run that the test will disturb."""
        return subprocess.Popen(
            self.command(), cwd=PROJECT, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


@pytest.fixture(scope="session")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of two brands that answer some invented customers, one of them more slowly every month."""
    path = tmp_path_factory.mktemp("messages") / "messages.csv"
    header = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        number = 1000
        for day in range(DAYS):
            for place, brand in enumerate(("FirstBrand", "SecondBrand")):
                asked = FIRST + timedelta(days=day, hours=place)
                answered = asked + timedelta(minutes=20 + (day if place else 0))
                number += 2
                question = [
                    number,
                    77 + day % 9,
                    "True",
                    f"{asked:%Y-%m-%dT%H:%M:%SZ}",
                    f"@{brand} where is it?",
                    "",
                    "",
                ]
                answer = [number + 1, brand, "False", f"{answered:%Y-%m-%dT%H:%M:%SZ}", "On its way.", "", number]
                writer.writerows([question, answer])
    return path


@pytest.fixture(scope="session")
def home() -> Iterator[Callable[..., Home]]:
    """Makes homes. Not below pytest's own folder, which other sessions on this machine tidy up."""
    with tempfile.TemporaryDirectory(prefix="social-sla-e2e-", ignore_cleanup_errors=True) as folder:

        def make(name: str, messages: Path | None = None) -> Home:
            path = Path(folder) / name
            path.mkdir()
            return Home(path, messages)

        yield make
