"""A real rate limiter: Synapse refuses with 429, `Retry-After` and `retry_after_ms`; the shared client comes through.

Synapse is no source of the project. It is here for its limiter, which we did not write: a bucket that leaks, for each
user.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.auth import BearerAuth, SessionAuth
from social_sla.sources.base import Credentials, JsonObject, ReadContext, Request, Source, Stream, Window, WindowKind
from social_sla.sources.client import RestClient, open_client
from social_sla.sources.errors import SourceError, WaitNeeded
from social_sla.sources.extract import extract_stream
from social_sla.sources.paging import SinglePage
from social_sla.sources.retry import Again, ClientOptions, Refusal

from tests.servers.matrix_server import NAME, PASSWORD, Call, Synapse, missing, running
from tests.servers.processes import skip_unless_installed

pytestmark = pytest.mark.timeout(600)

PROFILE = "/_matrix/client/v3/profile/"
SEARCH = "/_matrix/client/v3/user_directory/search"
LOGIN = "/_matrix/client/v3/login"
USERS = tuple(f"passenger{number:02}" for number in range(14))

PROFILE_RATE, PROFILE_BURST = 1.0, 4
LOGIN_RATE, LOGIN_BURST = 0.5, 2
# What the owner of the connection sets, so that nothing is ever refused: the limiter's own minute.
MINUTE = 12
LIMITS = {
    "rc_profile": {"per_second": PROFILE_RATE, "burst_count": PROFILE_BURST},
    "rc_user_directory": {"per_second": MINUTE / 60, "burst_count": MINUTE},
    "rc_login": {
        "address": {"per_second": LOGIN_RATE, "burst_count": LOGIN_BURST},
        "account": {"per_second": 1000, "burst_count": 1000},
        "failed_attempts": {"per_second": 1000, "burst_count": 1000},
    },
}
WINDOW = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))


@dataclass
class Sleeps:
    """What the client has slept, in seconds: it really does."""

    all: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.all.append(seconds)
        time.sleep(seconds)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    skip_unless_installed(missing)
    with running(tmp_path_factory.mktemp("matrix") / "server", LIMITS) as synapse:
        for user in USERS:
            synapse.register(user)
        yield synapse


@pytest.fixture
def reader(server: Synapse, request: pytest.FixtureRequest) -> str:
    """The token of a user whose buckets are empty: the limits are counted for each user."""
    return server.register(re.sub(r"[^a-z0-9_]", "_", request.node.name.lower()))


def profiles(context: ReadContext) -> Iterator[JsonObject]:
    """One question for each user."""
    for user in USERS:
        name = f"@{user}:{NAME}"
        yield {"id": name, **context.client.get(PROFILE + quote(name))}


def source(refusal: Callable[[Refusal], Again | SourceError | None] | None = None) -> Source:
    """Profiles of Synapse's users, declared like every vendor's stream."""
    stream = Stream("profiles", PROFILE, SinglePage(), profiles, WindowKind.SNAPSHOT, updated_path=None)
    return Source(
        name="matrix",
        title="Matrix",
        default_base_url="https://{account}",
        streams=(stream,),
        auth=lambda credentials: BearerAuth(credentials.token),
        probe=lambda client, account: [],
        refusal=refusal,
    )


def extract(
    server: Synapse, token: str, folder: Path, options: ClientOptions, declared: Source | None = None
) -> Manifest:
    credentials = Credentials("matrix_live", server.url, "", token)
    landing = Landing(f"file://{folder}/landing")
    return extract_stream(
        declared or source(), "profiles", NAME, credentials, WINDOW, landing, "live", client_options=options
    )


def most_in(calls: list[Call], seconds: float) -> int:
    """The most calls in any `seconds`."""
    times = [call.at for call in calls]
    return max(sum(start <= at < start + seconds for at in times) for start in times)


def test_a_refused_call_waits_as_long_as_it_is_told_and_then_succeeds(
    server: Synapse, reader: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "social_sla")
    sleeps, began = Sleeps(), time.time()
    manifest = extract(server, reader, tmp_path, ClientOptions(sleep=sleeps))
    took = time.time() - began
    calls = server.calls(PROFILE, since=began)
    refused = [call for call in calls if call.is_refused]

    # All of it is there, and what it cost is in the manifest as the server has seen it.
    assert manifest.row_count == len(USERS)
    assert manifest.call_count == len(calls) == len(USERS) + len(refused)
    assert manifest.wait_seconds == pytest.approx(sum(sleeps.all), abs=0.001)
    # More were asked than the bucket holds: it really refused, and each refusal was one wait that was long enough.
    assert refused
    assert len(sleeps.all) == len(refused)
    assert not any(call.is_refused and after.is_refused for call, after in pairwise(calls))
    # `Retry-After` is whole seconds; a little is added so that many clients do not return at once.
    assert all(1.0 <= slept <= 2.0 for slept in sleeps.all)
    for call, after in pairwise(calls):
        assert not call.is_refused or after.at - call.at >= 1.0
    # What the limit lets through, and no more.
    passed = [call for call in calls if not call.is_refused]
    assert took >= (len(USERS) - PROFILE_BURST) / PROFILE_RATE - 1
    for seconds in (1.0, 3.0, 5.0):
        assert most_in(passed, seconds) <= PROFILE_BURST + seconds * PROFILE_RATE + 1
    # Whoever reads the log sees each wait, why, and how much it is by now.
    waits = [record.getMessage() for record in caplog.records if "waiting" in record.getMessage()]
    assert len(waits) == len(refused)
    assert all("HTTP 429" in line and "Too Many Requests" in line for line in waits)
    assert reader not in caplog.text


def test_a_wait_that_is_told_in_the_body_only_is_kept_too(server: Synapse, reader: str, tmp_path: Path) -> None:
    """As a source declares it whose vendor writes it so: to the millisecond, with nothing on top."""
    told: list[float] = []

    def in_body(refusal: Refusal) -> Again | None:
        if refusal.status != 429:
            return None
        assert isinstance(refusal.body, dict)
        assert refusal.body["errcode"] == "M_LIMIT_EXCEEDED"
        told.append(refusal.body["retry_after_ms"] / 1_000)
        return Again("the limit of Matrix", told[-1])

    sleeps, began = Sleeps(), time.time()
    options = ClientOptions(sleep=sleeps, jitter=lambda: 0.0)
    manifest = extract(server, reader, tmp_path, options, source(in_body))
    calls = server.calls(PROFILE, since=began)
    assert manifest.row_count == len(USERS)
    assert sleeps.all == told
    assert len(told) == sum(call.is_refused for call in calls) > 0
    assert any(seconds != round(seconds) for seconds in told)
    assert not any(call.is_refused and after.is_refused for call, after in pairwise(calls))


def test_a_run_that_may_not_sleep_says_when_to_come_back_and_asks_nothing_twice(
    server: Synapse, reader: str, tmp_path: Path
) -> None:
    """As in Airflow, where a worker's slot is not slept away."""
    began, breaks = time.time(), 0
    options = ClientOptions(longest_sleep_seconds=0.1)
    while True:
        try:
            manifest = extract(server, reader, tmp_path, options)
        except WaitNeeded as wait:
            breaks += 1
            until = wait.until - datetime.now(UTC)
            assert timedelta(0) < until <= timedelta(seconds=3)
            time.sleep(until.total_seconds())
        else:
            break
    calls = server.calls(PROFILE, since=began)
    assert manifest.row_count == len(USERS)
    assert breaks == sum(call.is_refused for call in calls) > 0
    answered = [call.path for call in calls if not call.is_refused]
    assert len(answered) == len(set(answered)) == len(USERS)
    assert manifest.call_count == len(calls)


def test_logins_are_limited_too(server: Synapse) -> None:
    """The limit is the address's: each client logs in anew, as each stream of each run does."""
    sleeps, began = Sleeps(), time.time()
    for _ in range(LOGIN_BURST + 3):
        credentials = Credentials("matrix_live", server.url, USERS[0], PASSWORD)
        session = SessionAuth(log_in)
        client = RestClient(credentials, server.url, session, options=ClientOptions(sleep=sleeps))
        assert client.get("/_matrix/client/v3/account/whoami")["user_id"] == f"@{USERS[0]}:{NAME}"
        client.close()
    calls = server.calls(LOGIN, since=began)
    refused = sum(call.is_refused for call in calls)
    assert len(calls) - refused == LOGIN_BURST + 3
    assert refused == len(sleeps.all) > 0


def log_in(client: RestClient) -> JsonObject:
    """A token for a password."""
    who = {"type": "m.id.user", "user": client.credentials.login}
    body = {"type": "m.login.password", "identifier": who, "password": client.credentials.token}
    return client.sign_in(LOGIN, json=body)


def test_within_its_budget_a_connection_is_never_refused(server: Synapse, reader: str, tmp_path: Path) -> None:
    """Two runs share what the connection's extra allows in a minute: the vendor's limiter has nothing to say.

    The questions are searches by POST.
    """
    sleeps, began = Sleeps(), time.time()
    credentials = Credentials("matrix_live", server.url, "", reader, {"max_calls_per_minute": MINUTE})
    options = ClientOptions(sleep=sleeps, limits_dir=tmp_path / "limits")
    clients = [open_client(source(), credentials, NAME, options=options) for _ in range(2)]
    for number in range(MINUTE + 4):
        user = USERS[number % len(USERS)]
        found = clients[number % 2].ask(Request(SEARCH, json={"search_term": user, "limit": 5}))
        assert [row["user_id"] for row in found["results"]] == [f"@{user}:{NAME}"]
    calls = server.calls(SEARCH, since=began)
    assert [call.status for call in calls] == [200] * (MINUTE + 4)
    assert {call.method for call in calls} == {"POST"}
    assert most_in(calls, 59.9) == MINUTE
    assert sum(client.stats.call_count for client in clients) == len(calls)
    assert sum(client.stats.wait_seconds for client in clients) == pytest.approx(sum(sleeps.all))
    assert 50 < sum(sleeps.all) < 65
    assert list((tmp_path / "limits").iterdir())
