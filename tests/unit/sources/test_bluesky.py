"""Bluesky: late posts, posts that are gone, reposts, old sessions, threads that a server cuts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.base import Credentials
from social_sla.sources.errors import AccountNotFoundError
from social_sla.sources.extract import extract_stream
from social_sla.sources.retry import ClientOptions
from social_sla.sources.testkit import Answer, Call, FakeVendor, running_vendor

from tests.contract.test_kit_bluesky import DID, HANDLE, PROFILE, feed_item, millis, notification, view
from tests.unit.sources.conftest import SECRET

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
XRPC = "/xrpc/app.bsky."
THREAD, POSTS = f"{XRPC}feed.getPostThread", f"{XRPC}feed.getPosts"
Extract = Callable[..., Manifest]


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    session = {"accessJwt": "access-token-of-two-hours", "refreshJwt": "refresh-token", "did": DID, "handle": HANDLE}
    with running_vendor() as fake:
        fake.on("/xrpc/com.atproto.server.createSession", Answer(session))
        fake.on("/xrpc/com.atproto.server.refreshSession", Answer({**session, "accessJwt": "access-token-renewed"}))
        fake.on("/xrpc/com.atproto.server.getSession", Answer(session))
        fake.on(f"{XRPC}actor.getProfile", Answer(PROFILE))
        fake.on(f"{XRPC}notification.listNotifications", Answer({"notifications": []}))
        fake.on(f"{XRPC}feed.getAuthorFeed", Answer({"feed": []}))
        fake.on(f"{XRPC}feed.searchPosts", Answer({"posts": []}))
        fake.on(THREAD, Answer({"error": "NotFound", "message": "Post not found"}, 400))
        fake.on(POSTS, lambda call: Answer({"posts": []}))
        yield fake


@pytest.fixture
def extract(vendor: FakeVendor, landing: Landing, options: ClientOptions) -> Extract:
    def run(stream: str, *, start: datetime = START, now: datetime | None = None) -> Manifest:
        credentials = Credentials("bluesky_test", vendor.url, HANDLE, SECRET)
        window = (start, start + DAY)
        return extract_stream(
            "bluesky",
            stream,
            HANDLE,
            credentials,
            window,
            landing,
            "r",
            now=now or start + DAY,
            client_options=options,
        )

    return run


def rows_of(landing: Landing, manifest: Manifest) -> dict[str, Any]:
    return {record.record_id: json.loads(record.payload) for record in landing.read(manifest.key)}


def test_reposts_are_left_out_and_end_nothing(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """A repost stands at its own time, with the time of the old post that it repeats."""
    old = {**feed_item(1, START - 90 * DAY), "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "by": PROFILE}}
    own = feed_item(2, START + timedelta(hours=1))
    vendor.on(f"{XRPC}feed.getAuthorFeed", Answer({"feed": [old], "cursor": "c"}), Answer({"feed": [own]}))
    assert set(rows_of(landing, extract("posts"))) == {own["post"]["uri"]}


def test_a_thread_is_read_again_for_two_days(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """A reply that names nobody is in no notification, and one that was indexed late is in no window of its time."""
    mention = notification(1, START - DAY)
    late = view(2, START - timedelta(hours=3))
    vendor.on(f"{XRPC}notification.listNotifications", Answer({"notifications": [mention]}))
    vendor.on(THREAD, Answer({"thread": {"post": view(1, START - DAY), "replies": [{"post": late, "replies": []}]}}))
    extract("notifications")
    extract("search")
    manifest = extract("threads")
    assert set(rows_of(landing, manifest)) == {mention["uri"], late["uri"]}
    assert [call.params["uri"] for call in vendor.calls_to(THREAD)] == [mention["record"]["reply"]["root"]["uri"]]


def test_a_post_that_is_gone_leaves_a_tombstone(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """It was landed; now its thread is not found and neither is it. Another is only hidden in its thread."""
    gone, hidden = (notification(number, START + timedelta(hours=1)) for number in (1, 2))
    vendor.on(f"{XRPC}notification.listNotifications", Answer({"notifications": [gone, hidden]}))
    vendor.on(POSTS, Answer({"posts": [view(2, START)]}))
    extract("notifications")
    extract("search")
    tombstone = {"uri": gone["uri"], "notFound": True, "indexedAt": "2026-03-01T23:59:59Z"}
    assert rows_of(landing, extract("threads")) == {gone["uri"]: tombstone}
    assert [value for name, value in vendor.calls_to(POSTS)[0].query if name == "uris"] == [gone["uri"], hidden["uri"]]
    late = extract("threads", now=START + 10 * DAY)
    assert rows_of(landing, late) == {}, "long afterwards nobody can tell when it went"


def test_an_old_session_is_renewed(vendor: FakeVendor, extract: Extract) -> None:
    def answer(call: Call) -> Answer:
        if "cursor" not in call.params:
            return Answer({"notifications": [notification(1, START)], "cursor": "c"})
        if call.headers["authorization"] == "Bearer access-token-renewed":
            return Answer({"notifications": []})
        return Answer({"error": "ExpiredToken", "message": "Token has expired"}, 400)

    vendor.on(f"{XRPC}notification.listNotifications", answer)
    assert extract("notifications").row_count == 1
    assert len(vendor.calls_to("/xrpc/com.atproto.server.refreshSession")) == 1


def test_a_thread_that_the_server_cuts_is_asked_for_below(
    vendor: FakeVendor, extract: Extract, landing: Landing
) -> None:
    at = START + timedelta(hours=1)
    mention = notification(1, at)
    root, deep, deepest = ({**view(number, at), "replyCount": 1 if number < 3 else 0} for number in (1, 2, 3))
    answers = {
        mention["record"]["reply"]["root"]["uri"]: {"post": root, "replies": [{"post": deep}]},
        deep["uri"]: {"post": deep, "replies": [{"post": deepest, "replies": []}]},
    }
    vendor.on(f"{XRPC}notification.listNotifications", Answer({"notifications": [mention]}))
    vendor.on(THREAD, lambda call: Answer({"thread": answers[call.params["uri"]]}))
    extract("notifications")
    extract("search")
    assert set(rows_of(landing, extract("threads"))) == {root["uri"], deep["uri"], deepest["uri"]}


def test_notifications_of_another_account_are_not_taken_for_this_ones(vendor: FakeVendor, extract: Extract) -> None:
    vendor.on("/xrpc/com.atproto.server.getSession", Answer({"did": "did:plc:other", "handle": "other.example"}))
    with pytest.raises(AccountNotFoundError, match=r"logs in as other\.example, not as auroraair\.example"):
        extract("accounts")


def test_an_unknown_account_is_said(vendor: FakeVendor, extract: Extract) -> None:
    vendor.on(f"{XRPC}actor.getProfile", Answer({"error": "InvalidRequest", "message": "Profile not found"}, 400))
    with pytest.raises(AccountNotFoundError, match="does not know the account"):
        extract("accounts")


def test_the_accounts_id_is_no_secret(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """It comes with the session, and is in every record."""
    vendor.on(f"{XRPC}notification.listNotifications", Answer({"notifications": [notification(1, START)]}))
    (row,) = rows_of(landing, extract("notifications")).values()
    assert row["record"]["facets"][0]["features"][0]["did"] == DID
    assert row["indexedAt"] == millis(START)
