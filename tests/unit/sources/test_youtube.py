"""YouTube: answers to old comments, what a thread brings along, quotas that are said with 403."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.base import Credentials
from social_sla.sources.errors import AccountNotFoundError, AuthenticationError, WaitNeeded
from social_sla.sources.extract import extract_stream
from social_sla.sources.retry import ClientOptions
from social_sla.sources.testkit import Answer, FakeVendor, running_vendor

from tests.contract.test_kit_youtube import ACCOUNT, CHANNEL, reply, thread
from tests.unit.sources.conftest import SECRET

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
THREADS, COMMENTS = "/youtube/v3/commentThreads", "/youtube/v3/comments"
Extract = Callable[..., Manifest]


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    with running_vendor() as fake:
        fake.on("/youtube/v3/channels", Answer({"items": [CHANNEL]}))
        yield fake


@pytest.fixture
def extract(vendor: FakeVendor, landing: Landing, options: ClientOptions) -> Extract:
    def run(stream: str, **other: Any) -> Manifest:
        credentials = Credentials("youtube_test", vendor.url, "", SECRET)
        window, given = (START, START + DAY), {"client_options": options, **other}
        return extract_stream("youtube", stream, ACCOUNT, credentials, window, landing, "r", now=START + DAY, **given)

    return run


def ids(landing: Landing, manifest: Manifest) -> set[str]:
    return {record.record_id for record in landing.read(manifest.key)}


def items(*rows: dict[str, Any]) -> Answer:
    return Answer({"items": list(rows)})


def refused(reason: str, status: int = 403) -> Answer:
    return Answer({"error": {"code": status, "message": "no", "errors": [{"reason": reason}]}}, status)


def test_an_answer_to_an_old_comment_is_found(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """The thread is out of the window, its new answer in it; answers of long ago are not landed again."""
    new, old = reply(1, START + timedelta(hours=1)), reply(2, START - 9 * DAY)
    vendor.on(THREADS, items(thread(0, START - 20 * DAY)))
    vendor.on(COMMENTS, items(new, old))
    assert ids(landing, extract("threads")) == set()
    assert ids(landing, extract("replies")) == {new["id"]}


def test_a_thread_that_brings_all_its_answers_is_not_asked_for_more(
    vendor: FakeVendor, extract: Extract, landing: Landing
) -> None:
    answer = reply(1, START + timedelta(hours=1))
    whole = {**thread(0, START, count=1), "replies": {"comments": [answer]}}
    vendor.on(THREADS, items(whole, thread(1, START, count=0)))
    extract("threads")
    assert ids(landing, extract("replies")) == {answer["id"]}
    assert vendor.calls_to(COMMENTS) == []


def test_an_edited_comment_lands_in_the_window_of_its_edit(
    vendor: FakeVendor, extract: Extract, landing: Landing
) -> None:
    edited = thread(0, START - 5 * DAY)
    edited["snippet"]["topLevelComment"]["snippet"]["updatedAt"] = "2026-03-01T08:00:00Z"
    vendor.on(THREADS, items(edited))
    assert ids(landing, extract("threads")) == {edited["id"]}


def test_the_quota_of_the_day_is_over_at_midnight_in_california(
    vendor: FakeVendor, extract: Extract, options: ClientOptions
) -> None:
    """2026-09-21T14:13:20Z is 07:13:20 there."""
    vendor.on(THREADS, refused("quotaExceeded"))
    patient = ClientOptions(**{**vars(options), "longest_sleep_seconds": 60, "max_wait_seconds": 90_000})
    with pytest.raises(WaitNeeded) as caught:
        extract("threads", client_options=patient)
    assert caught.value.until == datetime(2026, 9, 22, 7, tzinfo=UTC)


def test_a_wrong_key_is_said(vendor: FakeVendor, extract: Extract) -> None:
    vendor.on(THREADS, refused("keyInvalid", 400))
    with pytest.raises(AuthenticationError, match="API key"):
        extract("threads")
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    vendor.on(THREADS, Answer({"error": {"code": 400, "details": details, "errors": [{"reason": "badRequest"}]}}, 400))
    with pytest.raises(AuthenticationError, match="API key"):
        extract("threads")


def test_an_unknown_channel_is_said(vendor: FakeVendor, extract: Extract) -> None:
    """Status 200, and no `items` at all."""
    vendor.on("/youtube/v3/channels", Answer({"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}}))
    with pytest.raises(AccountNotFoundError, match="begins with UC"):
        extract("accounts")


def test_a_deleted_thread_has_no_answers(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    vendor.on(THREADS, items(thread(0, START)))
    vendor.on(COMMENTS, refused("commentNotFound", 404))
    extract("threads")
    manifest = extract("replies")
    assert (manifest.row_count, json.loads(next(iter(landing.read(extract("threads").key))).payload)["id"]) == (
        0,
        "Ugx0000",
    )
