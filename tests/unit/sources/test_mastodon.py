"""Mastodon: threads are read from their beginning, what is gone leaves a tombstone, the token is the account's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.base import DELETED, Credentials
from social_sla.sources.check import check_source
from social_sla.sources.errors import AccountNotFoundError
from social_sla.sources.extract import extract_stream
from social_sla.sources.retry import ClientOptions
from social_sla.sources.testkit import Answer, FakeVendor, running_vendor

from tests.contract.test_kit_mastodon import ME, notification, routes, status
from tests.unit.sources.conftest import SECRET

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNT = "AuroraAir@mastodon.example"
Extract = Callable[..., Manifest]


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    with running_vendor() as fake:
        routes(fake)
        fake.on("/api/v1/notifications", Answer([]))
        fake.on("/api/v1/accounts/43/statuses", Answer([]))
        yield fake


@pytest.fixture
def extract(vendor: FakeVendor, landing: Landing, options: ClientOptions) -> Extract:
    def run(stream: str, *, account: str = ACCOUNT, now: datetime = START + DAY) -> Manifest:
        credentials = Credentials("mastodon_test", vendor.url, "", SECRET)
        window = (START, START + DAY)
        return extract_stream(
            "mastodon", stream, account, credentials, window, landing, "r", now=now, client_options=options
        )

    return run


def rows_of(landing: Landing, manifest: Manifest) -> dict[str, Any]:
    return {record.record_id: json.loads(record.payload) for record in landing.read(manifest.key)}


def test_a_thread_is_read_from_its_beginning(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """The context of a reply has no other branch of the thread; that of the first status has all."""
    mention = notification(1, START + timedelta(hours=5))
    root, other = status(1, START - 9 * DAY), status(2, START + timedelta(hours=1))
    vendor.on("/api/v1/notifications", Answer([mention]))
    vendor.on(f"/api/v1/statuses/{mention['status']['id']}/context", Answer({"ancestors": [root], "descendants": []}))
    whole = Answer({"ancestors": [], "descendants": [other, mention["status"]]})
    vendor.on(f"/api/v1/statuses/{root['id']}/context", whole)
    extract("notifications")
    extract("statuses")
    assert set(rows_of(landing, extract("contexts"))) == {root["id"], other["id"], mention["status"]["id"]}


def test_a_thread_is_asked_for_once(vendor: FakeVendor, extract: Extract) -> None:
    """Two mentions of one thread: the second is in what the first one's thread shows."""
    first, second = (notification(number, START + timedelta(hours=number)) for number in (1, 2))
    path = f"/api/v1/statuses/{first['status']['id']}/context"
    vendor.on("/api/v1/notifications", Answer([second, first]))
    vendor.on(path, Answer({"ancestors": [], "descendants": [second["status"]]}))
    extract("notifications")
    extract("statuses")
    extract("contexts")
    assert [call.path for call in vendor.calls_to("/api/v1/statuses/*")] == [path]


def test_a_status_that_is_gone_leaves_a_tombstone(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    mention = notification(1, START + timedelta(hours=5))
    vendor.on("/api/v1/notifications", Answer([mention]))
    vendor.on("/api/v1/statuses/*/context", Answer({"error": "Nicht gefunden"}, 404))
    extract("notifications")
    extract("statuses")
    number = mention["status"]["id"]
    tombstone = {DELETED: True, "id": number, "created_at": "2026-03-01T23:59:59Z"}
    assert rows_of(landing, extract("contexts")) == {number: tombstone}
    assert rows_of(landing, extract("contexts", now=START + 10 * DAY)) == {}


def test_the_token_of_another_account_is_refused(extract: Extract) -> None:
    with pytest.raises(AccountNotFoundError, match=r"logs in as AuroraAir at .*, not as AuroraES@mastodon\.example"):
        extract("statuses", account="AuroraES@mastodon.example")


def test_missing_scopes_are_named(vendor: FakeVendor, options: ClientOptions) -> None:
    vendor.on("/api/v1/apps/verify_credentials", Answer({"scopes": ["read:accounts", "read:statuses"]}))
    credentials = Credentials("mastodon_test", vendor.url, "", SECRET)
    report = check_source("mastodon", ACCOUNT, credentials, now=START, client_options=options)
    assert "scopes: missing: read:notifications" in str(report)
    vendor.on("/api/v1/apps/verify_credentials", Answer({"name": "an old server"}))
    vendor.on("/api/v1/accounts/verify_credentials", Answer(ME))
    assert check_source("mastodon", ACCOUNT, credentials, now=START, client_options=options).ok
