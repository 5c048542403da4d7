"""Real servers, for `make test-servers` alone: it sets SOCIAL_SLA_TEST_SERVERS, and installs them where it can.

Here: a Request Tracker in which things have happened, and what came of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pytest
from social_sla.landing import Landing, Manifest
from social_sla.settings import Settings
from social_sla.sources.base import Credentials, Window
from social_sla.sources.extract import extract_stream
from social_sla.sources.registry import streams
from social_sla.warehouse.build import build
from social_sla.warehouse.load import load

from tests.servers.counting import instant
from tests.servers.processes import skip_unless_installed
from tests.servers.request_tracker import PASSWORD, RequestTracker, missing, running
from tests.servers.service_levels import ACCOUNT, RECOMPUTE, rt_agreements, rt_hours, write_config
from tests.servers.stories import LEVELS, STORIES, Story

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Played:
    """What was done in RT: the ticket of each story, and tickets about other things, by what happened to them."""

    server: RequestTracker
    tickets: dict[int, Story]
    others: dict[str, int]


@dataclass
class Measured:
    """What came of it: what landed for which window, and the built warehouse."""

    played: Played
    window: Window
    landing: Landing
    manifests: dict[str, Manifest]
    warehouse: duckdb.DuckDBPyConnection


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """A real RT in which the stories have happened."""
    skip_unless_installed(missing)
    folder = tmp_path_factory.mktemp("rt") / "server"
    queues = [*(level.queue for level in LEVELS), "spam"]
    with running(folder, rt_agreements(LEVELS), rt_hours(LEVELS), queues) as server:
        tickets = {play(server, story): story for story in STORIES}
        yield Played(server, tickets, play_others(server))


def play(server: RequestTracker, story: Story) -> int:
    """One story; gives the ticket's number. In the end RT computes the due time again, of what is now in the past."""
    level, ticket = story.level, 0
    for local, what in story.events:
        moment = datetime.fromtimestamp(instant(level.hours.timezone, local), UTC)
        if not ticket:
            ticket = create(server, level.queue, created=moment)
        elif what == "customer":
            correspond(server, ticket, "ana@example.com")
        elif what == "agent":
            correspond(server, ticket, "mia")
        else:
            server.call("PUT", f"ticket/{ticket}", {"Status": what}, user="mia")
        server.put_into_past(ticket, moment)
    if len(story.events) > 1 or level.kind != "Resolve":  # a time of resolution follows from the ticket's own time
        for name in (RECOMPUTE, level.id):
            server.call("PUT", f"ticket/{ticket}", {"SLA": name})
    return ticket


def create(
    server: RequestTracker, queue: str, *, created: datetime | None = None, user: str = "ana@example.com"
) -> int:
    """A customer's ticket."""
    body = {"Queue": queue, "Subject": "Suitcase", "Content": "Where is it?", "ContentType": "text/plain"}
    when = {} if created is None else {"Created": created.strftime("%Y-%m-%d %H:%M:%S")}
    return int(server.call("POST", "ticket", {**body, **when, "Requestor": "ana@example.com"}, user=user)["id"])


def correspond(server: RequestTracker, ticket: int, user: str, kind: str = "correspond") -> None:
    """A message that all see, or (`comment`) a note."""
    server.call("POST", f"ticket/{ticket}/{kind}", {"Content": "Well.", "ContentType": "text/plain"}, user=user)


def play_others(server: RequestTracker) -> dict[str, int]:
    """Tickets that are merged, deleted, rejected, written by staff, moved, and one with everybody's messages."""
    queue = LEVELS[0].queue
    names = ("merged", "parent", "deleted", "rejected", "talk", "moved", "spam")
    numbers = {name: create(server, queue) for name in names}
    numbers["by_staff"] = create(server, queue, user="mia")
    server.call("PUT", f"ticket/{numbers['merged']}", {"MergeInto": numbers["parent"]}, user="mia")
    server.call("PUT", f"ticket/{numbers['deleted']}", {"Status": "deleted"}, user="mia")
    server.call("PUT", f"ticket/{numbers['rejected']}", {"Status": "rejected"}, user="mia")
    talk = numbers["talk"]
    correspond(server, talk, "mia", "comment")
    correspond(server, talk, "ben@example.com")
    correspond(server, talk, "ana@example.com", "comment")
    server.call("PUT", f"ticket/{talk}", {"Owner": "mia"}, user="mia")
    server.call("PUT", f"ticket/{talk}", {"Priority": 100}, user="mia")
    correspond(server, talk, "mia")
    server.call("PUT", f"ticket/{talk}", {"Status": "resolved"}, user="mia")
    server.call("PUT", f"ticket/{numbers['moved']}", {"Queue": LEVELS[1].queue}, user="mia")
    server.call("PUT", f"ticket/{numbers['spam']}", {"Queue": "spam"}, user="mia")
    return numbers


@pytest.fixture(scope="session")
def measured(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    """Extracted through the connector, loaded, built by dbt."""
    home = tmp_path_factory.mktemp("rt-home")
    write_config(home / "config", LEVELS)
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(home), "SOCIAL_SLA_CONFIG_DIR": str(home / "config")})
    landing = Landing(settings.landing_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "a key for tests only")
        time.sleep(2)  # the last change is then of a second that is over
        window = Window(BEGIN, datetime.now(UTC).replace(microsecond=0))
        manifests = extract(played.server, landing, window)
        load(settings)
        report = build(settings)
        assert report.is_success, report.summary()
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
            yield Measured(played, window, landing, manifests, connection)


def extract(server: RequestTracker, landing: Landing, window: Window) -> dict[str, Manifest]:
    """All streams of the real server."""
    credentials = Credentials("request_tracker_live", server.url, "warehouse", PASSWORD)
    return {
        stream.name: extract_stream(
            "request_tracker", stream.name, ACCOUNT, credentials, window, landing, "live", now=window.end
        )
        for stream in streams("request_tracker")
    }
