"""X: no tweet may be missed — timelines up to their cap, searches beyond, threads in full."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, LandingRecord, Manifest, PartitionKey
from social_sla.sources.base import Credentials
from social_sla.sources.errors import AccountNotFoundError, IncompleteListingError
from social_sla.sources.extract import extract_stream
from social_sla.sources.retry import ClientOptions
from social_sla.sources.x import ARCHIVE, RECENT, TWEET_FIELDS, conversation_queries

from tests.support.http_stub import Answer, Call, HttpStub
from tests.support.vendor_shapes import X_ACCOUNT, epoch, tweet
from tests.unit.sources.conftest import SECRET

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MIDNIGHT = epoch("2026-03-01T00:00:00")
MENTIONS = f"/2/users/{X_ACCOUNT['id']}/mentions"
TWEETS = f"/2/users/{X_ACCOUNT['id']}/tweets"
Extract = Callable[..., Manifest]


@pytest.fixture
def extract(landing: Landing, stub: HttpStub, options: ClientOptions) -> Extract:
    stub.on("/2/users/by", Answer({"data": [X_ACCOUNT]}))

    def run(stream: str, *, window: Any = (START, START + DAY), now: datetime = START + DAY) -> Manifest:
        credentials = Credentials("x_test", stub.url, "", SECRET)
        return extract_stream(
            "x", stream, "AuroraAir", credentials, window, landing, "r", now=now, client_options=options
        )

    return run


def listing(tweets: list[dict[str, Any]], token: str | None = None) -> Answer:
    meta = {"result_count": len(tweets), **({"next_token": token} if token else {})}
    return Answer({**({"data": tweets} if tweets else {}), "meta": meta})


def rows_of(landing: Landing, manifest: Manifest) -> dict[str, Any]:
    return {record.record_id: json.loads(record.payload) for record in landing.read(manifest.key)}


def test_mentions_of_a_day_come_from_the_timeline(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    newest_first = [tweet(1000 - n, MIDNIGHT + 86_400 - n * 600) for n in range(6)]
    stub.on(MENTIONS, listing(newest_first[:3], "t1"), listing(newest_first[3:], "t2"), listing([], "t3"), listing([]))
    manifest = extract("mentions")
    # The first one was posted at the end of the window: it belongs to the next day.
    assert rows_of(landing, manifest) == {row["id"]: row for row in newest_first[1:]}
    first, second = stub.calls_to(MENTIONS)[:2]
    assert first.params == {
        "max_results": "100",
        "start_time": "2026-03-01T00:00:00Z",
        "tweet.fields": ",".join(TWEET_FIELDS),
    }
    assert second.params["pagination_token"] == "t1"
    assert first.headers["authorization"] == f"Bearer {SECRET}"
    assert manifest.call_count == 5


def test_own_tweets_leave_retweets_out(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    retweet = tweet(2, MIDNIGHT + 2, referenced_tweets=[{"type": "retweeted", "id": "1"}])
    quote = tweet(3, MIDNIGHT + 3, referenced_tweets=[{"type": "quoted", "id": "1"}])
    stub.on(TWEETS, listing([retweet, quote]))
    assert set(rows_of(landing, extract("tweets"))) == {"3"}
    assert stub.calls_to(TWEETS)[0].params["exclude"] == "retweets"


def test_a_timeline_at_its_cap_is_not_believed(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    """Today's storm fills the 800 that the timeline gives; yesterday's mentions are found by search."""
    yesterday, today = START - DAY, MIDNIGHT + 100
    pages = [[tweet(10_000 + page * 100 + n, today) for n in range(100)] for page in range(8)]
    stub.on(MENTIONS, *[listing(page, f"t{number}") for number, page in enumerate(pages)], listing([]))
    stub.on(RECENT, listing([tweet(5, MIDNIGHT - 3600)], "n1"), listing([tweet(4, MIDNIGHT - 7200)]))
    manifest = extract("mentions", window=(yesterday, START), now=START + DAY)
    assert set(rows_of(landing, manifest)) == {"4", "5"}
    call = stub.calls_to(RECENT)[0]
    assert call.params["query"] == "@AuroraAir -is:retweet"
    assert (call.params["start_time"], call.params["end_time"]) == ("2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z")
    assert call.params["max_results"] == "100"
    assert stub.calls_to(RECENT)[1].params["next_token"] == "n1"


def test_history_is_searched_in_the_archive(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    stub.on(ARCHIVE, listing([tweet(5, MIDNIGHT)]))
    manifest = extract("tweets", now=START + timedelta(days=200))
    assert set(rows_of(landing, manifest)) == {"5"}
    assert stub.calls_to(ARCHIVE)[0].params["query"] == "from:AuroraAir -is:retweet"
    assert stub.calls_to(ARCHIVE)[0].params["max_results"] == "500"
    assert stub.calls_to(TWEETS) == []


def test_a_plan_without_the_archive_is_said(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    stub.on(ARCHIVE, Answer({"title": "Client Forbidden", "reason": "client-not-enrolled"}, status=403))
    with pytest.raises(IncompleteListingError, match=r"cannot be listed completely.*x_test.*plan that includes it"):
        extract("mentions", now=START + timedelta(days=30))
    assert landing.manifests() == []


def test_an_unknown_account_is_said(extract: Extract, stub: HttpStub) -> None:
    error = {"detail": "Could not find user with usernames: [AuroraAir].", "title": "Not Found Error"}
    stub.on("/2/users/by", Answer({"errors": [error]}))
    with pytest.raises(AccountNotFoundError, match=r"@AuroraAir.*Could not find user"):
        extract("accounts")


def test_the_account_lands(extract: Extract, landing: Landing) -> None:
    assert rows_of(landing, extract("accounts")) == {X_ACCOUNT["id"]: X_ACCOUNT}


def test_a_limit_is_waited_out(extract: Extract, stub: HttpStub, waits: Any) -> None:
    waits.now = float(MIDNIGHT)
    limited = Answer({"title": "Too Many Requests"}, status=429, headers={"x-rate-limit-reset": str(MIDNIGHT + 600)})
    stub.on(MENTIONS, limited, listing([tweet(1, MIDNIGHT)]))
    assert extract("mentions").wait_seconds == 600


def land(landing: Landing, stream: str, start: datetime, tweets: list[dict[str, Any]]) -> None:
    records = [LandingRecord(row["id"], datetime.fromisoformat(row["created_at"]), json.dumps(row)) for row in tweets]
    key = PartitionKey("x", "AuroraAir", stream, start, start + DAY)
    landing.replace_partition(key, records, run_id="r", extracted_at=START)


def by_conversation(world: list[dict[str, Any]]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        assert len(call.params["query"]) <= 512
        wanted = set(re.findall(r"conversation_id:(\d+)", call.params["query"]))
        return listing([row for row in world if row["conversation_id"] in wanted])

    return answer


def test_threads_are_read_in_full(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    mentions = [tweet(1960000000000000000 + n, MIDNIGHT + n) for n in range(40)]
    chiming_in = [tweet(row_id + 500, MIDNIGHT + row_id % 1000, row_id) for row_id in range(10**18 * 1 + 1, 10**18 + 3)]
    old_thread = tweet(1950000000000000001, MIDNIGHT - 90_000, 1950000000000000001)
    late_reply = tweet(1960000000000009999, MIDNIGHT + 80_000, 1950000000000000001)
    land(landing, "mentions", START, mentions)
    land(landing, "mentions", START - 2 * DAY, [old_thread])
    land(landing, "tweets", START, [tweet(10**18 + 1, MIDNIGHT), tweet(10**18 + 2, MIDNIGHT)])
    stub.on(RECENT, by_conversation([*mentions, *chiming_in, late_reply]))
    manifest = extract("conversations")
    assert set(rows_of(landing, manifest)) == {row["id"] for row in [*mentions, *chiming_in, late_reply]}
    queries = [call.params["query"] for call in stub.calls_to(RECENT)]
    assert len(queries) == 4
    assert queries[0].startswith("(conversation_id:1000000000000000001 OR conversation_id:")
    assert queries[0].endswith(") -is:retweet")


def test_no_threads_no_calls(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    land(landing, "mentions", START, [])
    assert extract("conversations").row_count == 0
    assert stub.calls == []


@pytest.mark.parametrize("limit", [60, 512, 1024])
def test_queries_fit_and_hold_every_id_once(limit: int) -> None:
    ids = {str(10**n + n) for n in range(3, 19)}
    queries = list(conversation_queries(ids, limit))
    assert all(len(query) <= limit for query in queries)
    assert sorted(re.findall(r"\d+", " ".join(queries))) == sorted(ids)
    assert list(conversation_queries([], limit)) == []
