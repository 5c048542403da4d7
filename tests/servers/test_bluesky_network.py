"""The source `bluesky` against a real network: what is written there at its time is measured here to the second.

The AppView shows as `indexedAt` the earlier of `createdAt` and the time of indexing. The clock starts when the customer
posted (D10), and that is the earlier of the two as well: so a post that says 2017 counts as of 2017.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from social_sla.landing import Landing, Manifest, PartitionKey
from social_sla.settings import Settings
from social_sla.sources.base import Credentials, Window
from social_sla.sources.check import check_source
from social_sla.sources.extract import extract_stream
from social_sla.sources.registry import streams
from social_sla.warehouse.build import build
from social_sla.warehouse.load import LoadReport, load

from tests.e2e.test_real_messages import Tweet, first_responses, read
from tests.servers.bluesky_network import PASSWORD, Network, missing, running, stamp
from tests.servers.conversations import COMPANIES, COMPANY, CONVERSATIONS, DELETIONS, Played, lines, play
from tests.servers.processes import skip_unless_installed
from tests.servers.replay import Replayed, replay
from tests.servers.social_config import TARGET_SECONDS, write_social_config
from tests.support.reference import reference_file

pytestmark = pytest.mark.timeout(1800)

FIRST_DAY = date(2011, 8, 1)
HANDLE = f"{COMPANY}.test"
HISTORY = Window(datetime(2011, 8, 1, tzinfo=UTC), datetime(2017, 12, 4, tzinfo=UTC))
# Young enough for the source to look for what is gone, and over before what was written at ten to twelve is due.
LATER = Window(HISTORY.end, HISTORY.end + timedelta(minutes=30))
Rows = list[tuple[Any, ...]]


@dataclass
class Written:
    """What is on the network. `tweets` are empty where the file with real messages is not there."""

    network: Network
    played: Played
    tweets: Mapping[str, Tweet]
    replayed: Replayed
    deleted: set[str] = field(default_factory=set)

    @property
    def handles(self) -> list[str]:
        authors = {tweet.author.lower() for tweet in self.tweets.values() if not tweet.is_inbound}
        own = [self.played.people[name].handle for name in COMPANIES]
        return [*own, *sorted(self.replayed.people[author].handle for author in authors)]


@dataclass
class Measured:
    """What came of it. `again`: the manifests of the second extraction of the same window."""

    written: Written
    landing: Landing
    history: dict[str, Manifest]
    again: dict[str, Manifest]
    loads: list[LoadReport]
    warehouse: duckdb.DuckDBPyConnection

    def rows(self, sql: str, *values: Any) -> Rows:
        return self.warehouse.execute(sql, list(values)).fetchall()

    def landed(self, stream: str) -> dict[str, Any]:
        """The payloads of the company's history, by the posts' names; posts of others by their URIs."""
        names = {post.uri: name for name, post in self.written.played.posts.items()}
        key = PartitionKey("bluesky", HANDLE, stream, HISTORY.start, HISTORY.end)
        found = ((row.record_id, json.loads(row.payload)) for row in self.landing.read(key))
        return {names.get(uri, uri): payload for uri, payload in found}


def real_messages() -> dict[str, Tweet]:
    """The sample of the reference folder, or nothing."""
    try:
        return read(reference_file("data", "twcs.csv"))
    except pytest.skip.Exception:
        return {}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    skip_unless_installed(missing)
    with running(tmp_path_factory.mktemp("bluesky") / "network") as network:
        tweets = real_messages()
        found = Written(network, play(network), tweets, replay(network, tweets))
        network.settle()
        yield found


@pytest.fixture(scope="module")
def measured(written: Written, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    """Extracted twice; then some posts are deleted, half an hour later is extracted; loaded, built by dbt."""
    home = tmp_path_factory.mktemp("bluesky-home")
    write_social_config(home / "config", written.handles, FIRST_DAY)
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(home), "SOCIAL_SLA_CONFIG_DIR": str(home / "config")})
    landing = Landing(settings.landing_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "a key for tests only")
        with ThreadPoolExecutor(3) as pool:
            runs = pool.map(lambda handle: extract(written.network, handle, HISTORY, landing), written.handles)
            history = dict(zip(written.handles, runs, strict=True))
        again = extract(written.network, HANDLE, HISTORY, landing)
        for name in DELETIONS:
            written.played.delete(written.network, name)
        written.network.settle()
        extract(written.network, HANDLE, LATER, landing)
        loads = [load(settings, as_of=LATER.end.isoformat()) for _ in range(2)]
        report = build(settings)
        assert report.is_success, report.summary()
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
            yield Measured(written, landing, history[HANDLE], again, loads, connection)


def extract(network: Network, handle: str, window: Window, landing: Landing) -> dict[str, Manifest]:
    """All streams of an account, over HTTP. The network's now is the window's end: it was 2017."""
    credentials = credentials_of(network, handle)
    return {
        stream.name: extract_stream(
            "bluesky", stream.name, handle, credentials, window, landing, "live", now=window.end
        )
        for stream in streams("bluesky")
    }


def credentials_of(network: Network, handle: str) -> Credentials:
    return Credentials("bluesky_live", network.url, handle, PASSWORD)


def test_the_connection_is_good(written: Written) -> None:
    report = check_source("bluesky", HANDLE, credentials_of(written.network, HANDLE))
    assert report.ok, str(report)
    assert PASSWORD not in str(report)


def test_first_responses_are_those_of_the_conversations(measured: Measured) -> None:
    """Every one to the second, and no other clock."""
    names = {post.uri: name for name, post in measured.written.played.posts.items()}
    for company in COMPANIES:
        expected = {
            line.post: (line.seconds, line.outcome)
            for conversation in CONVERSATIONS
            for line in conversation.expected
            if line.company == company
        }
        found = first_response_clocks(measured, measured.written.played.people[company].handle)
        assert {names[uri]: told[:2] for uri, told in found.items()} == expected


def first_response_clocks(measured: Measured, handle: str) -> dict[str, tuple[int | None, str, str | None]]:
    """The post that starts it → seconds to the stop (None: none), outcome, why it is excluded."""
    rows = measured.rows(
        """
        select
            messages.source_message_id,
            case when clocks.stopped_at is not null then clocks.elapsed_seconds end,
            clocks.outcome,
            clocks.excluded_reason
        from marts.fct_sla_clock as clocks
        inner join marts.fct_message as messages using (message_id)
        inner join marts.dim_channel as channels on clocks.channel_id = channels.channel_id
        where clocks.metric = 'first_response' and channels.account = ?
        """,
        handle,
    )
    found = {uri: (seconds, outcome, reason) for uri, seconds, outcome, reason in rows}
    assert len(found) == len(rows), "a post starts two clocks"
    return found


def test_what_was_deleted_before_it_was_due_is_excluded_as_such(measured: Measured) -> None:
    clocks = first_response_clocks(measured, HANDLE)
    uri = measured.written.played.posts["l1"].uri
    assert clocks[uri] == (None, "excluded", "deleted")
    assert [post for post, (_, _, reason) in clocks.items() if reason is not None] == [uri]
    deleted = measured.rows(
        "select source_message_id, deleted_at from intermediate.int_messages where deleted_at is not null"
    )
    # Of our own posts nothing is noticed, and nothing needs to be: an answer that is deleted later counts (D16).
    by_then = (LATER.end - timedelta(seconds=1)).replace(tzinfo=None)
    assert dict(deleted) == {measured.written.played.posts[name].uri: by_then for name in ("l1", "m1", "n1")}


def test_messages_are_what_was_said_to_the_company_and_by_it(measured: Measured) -> None:
    """Likes, reposts, quotes that do not name it, and what others say to each other are none."""
    played = measured.written.played
    outside = {name for conversation in CONVERSATIONS for name in conversation.outside}
    along = {name for conversation in CONVERSATIONS for name in conversation.talking_along}
    expected = {}
    for name, post in played.posts.items():
        if name not in outside:
            is_own = played.authors[name] == played.people[COMPANY]
            direction = "outbound" if is_own else "inbound"
            moment = played.times[name].replace(microsecond=0, tzinfo=None)
            expected[post.uri] = (direction, moment, moment, "other_customer" if name in along else None)
    rows = measured.rows(
        "select source_message_id, direction, published_at, received_at, excluded_reason from marts.fct_message "
        "inner join marts.dim_channel as channels using (channel_id) where channels.account = ?",
        HANDLE,
    )
    assert len(rows) == len(expected)
    assert {uri: tuple(rest) for uri, *rest in rows} == expected


def test_each_stream_brings_what_the_others_do_not(measured: Measured) -> None:
    notifications, search, posts, threads = (
        measured.landed(name) for name in ("notifications", "search", "posts", "threads")
    )
    assert "b1" in search
    assert "b1" not in notifications, "nobody is told of a handle that is only written out"
    assert {"c2", "c4", "f2"} <= set(notifications) - set(search)
    assert "a2" in threads
    assert not {"a2", "e1"} & (set(notifications) | set(search) | set(posts))
    own = {name for name, _, who, what in lines() if who == COMPANY and not {"like", "repost"} & set(what)}
    assert set(posts) == own
    assert {found["reason"] for found in notifications.values()} == {"mention", "reply", "quote"}


def test_extracting_again_changes_nothing(measured: Measured) -> None:
    first, again = (
        {name: (found.row_count, found.sha256) for name, found in run.items()}
        for run in (measured.history, measured.again)
    )
    assert again == first
    assert all(count for count, _ in first.values())
    assert all(found.quarantined_count == 0 for found in measured.history.values())
    landing = measured.loads[1].landing
    assert (landing.new, landing.changed, landing.removed) == (0, 0, 0)
    assert landing.unchanged == measured.loads[0].landing.new > 0


def test_a_post_that_claims_to_come_from_the_future_counts_from_when_it_was_seen(
    written: Written, measured: Measured, tmp_path: Path
) -> None:
    """`createdAt` may lie; `indexedAt` is the earlier of it and the time of indexing, in every list."""
    network, people = written.network, written.played.people
    began = datetime.now(UTC).replace(microsecond=0)
    text, us = f"@{HANDLE} hello", (0, len(HANDLE) + 1, people[COMPANY])
    lying = network.post(people["ana"], text, began + timedelta(days=300), mentions=[us])
    honest = network.post(people["ana"], text, began - timedelta(minutes=10), mentions=[us])
    network.settle()
    window = Window(began - timedelta(hours=1), datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1))
    landing = Landing(f"file://{tmp_path}")
    extract(network, HANDLE, window, landing)
    for stream in ("notifications", "search", "threads"):
        key = PartitionKey("bluesky", HANDLE, stream, window.start, window.end)
        found = {row.record_id: row.record_updated_at for row in landing.read(key)}
        assert set(found) == {lying.uri, honest.uri}
        assert began <= found[lying.uri] < window.end
        assert stamp(found[honest.uri]) == stamp(began - timedelta(minutes=10))


# --- Real messages, where the reference folder has them.


@pytest.fixture
def tweets(written: Written) -> Mapping[str, Tweet]:
    if not written.tweets:
        reference_file("data", "twcs.csv")  # skips, and says where it looks
    return written.tweets


def test_real_first_responses_are_those_of_the_file(tweets: Mapping[str, Tweet], measured: Measured) -> None:
    """Every conversation of every company: the same first post, and the same seconds to the first answer."""
    replayed = measured.written.replayed
    names = {post.uri: tweet for tweet, post in replayed.posts.items()}
    expected: dict[str, dict[str, tuple[int | None, str]]] = {}
    for (_, company, tweet), (seconds, _) in first_responses(dict(tweets)).items():
        spent = int(LATER.end.timestamp()) - tweets[tweet].at if seconds is None else seconds
        outcome = "missed" if spent > TARGET_SECONDS else "met" if seconds is not None else "running"
        expected.setdefault(company, {})[tweet] = (seconds, outcome)
    answered = 0
    for company, clocks in expected.items():
        found = first_response_clocks(measured, replayed.people[company].handle)
        actual = {names[uri]: (seconds, outcome) for uri, (seconds, outcome, _) in found.items()}
        assert actual == clocks, company
        answered += sum(seconds is not None for seconds, _ in actual.values())
    assert answered > 500


def test_every_real_message_arrives(tweets: Mapping[str, Tweet], measured: Measured) -> None:
    """Also those that name the company without a mention."""
    replayed = measured.written.replayed
    names = {post.uri: tweet for tweet, post in replayed.posts.items()}
    rows = measured.rows(
        "select source_message_id, direction from marts.fct_message "
        "inner join marts.dim_channel as channels using (channel_id) where channels.account like 'company%'"
    )
    actual = {names[uri]: direction for uri, direction in rows}
    assert actual == {name: "inbound" if tweet.is_inbound else "outbound" for name, tweet in tweets.items()}
    assert len(replayed.written_out) > 50
