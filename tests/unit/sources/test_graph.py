"""Facebook Pages and Instagram: what the Graph API's codes mean, how far back is read, which version answers."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.base import Credentials
from social_sla.sources.check import check_source
from social_sla.sources.errors import AccessDeniedError, AuthenticationError, SourceError
from social_sla.sources.extract import extract_stream
from social_sla.sources.retry import ClientOptions
from social_sla.sources.testkit import Answer, Call, FakeVendor, running_vendor

from tests.contract import test_kit_facebook as page
from tests.contract import test_kit_instagram as gram
from tests.unit.sources.conftest import SECRET, Waits

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BASE = "/v25.0"
Extract = Callable[..., Manifest]


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    with running_vendor() as fake:
        fake.on(f"{BASE}/{page.ACCOUNT}", Answer(page.PAGE))
        fake.on(f"{BASE}/{gram.ACCOUNT}", Answer(gram.USER))
        yield fake


@pytest.fixture
def extract(vendor: FakeVendor, landing: Landing, options: ClientOptions) -> Extract:
    def run(source: str, stream: str, *, start: datetime = START, **extra: Any) -> Manifest:
        credentials = Credentials(f"{source}_test", vendor.url + BASE, "", SECRET, extra)
        account = page.ACCOUNT if source == "facebook" else gram.ACCOUNT
        window = (start, start + DAY)
        return extract_stream(
            source, stream, account, credentials, window, landing, "r", now=start + DAY, client_options=options
        )

    return run


def ids(landing: Landing, manifest: Manifest) -> set[str]:
    return {record.record_id for record in landing.read(manifest.key)}


def data(*rows: dict[str, Any], following: str = "") -> Answer:
    return Answer({"data": list(rows), "paging": {"next": following} if following else {}})


def error(code: int, subcode: int | None = None, status: int = 400) -> Answer:
    words = {"message": f"(#{code}) no", "type": "OAuthException", "code": code}
    return Answer({"error": {**words, **({"error_subcode": subcode} if subcode else {})}}, status)


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (error(190, 463), AuthenticationError, "token is not accepted"),
        (error(10), AccessDeniedError, "lacks a permission"),
        (error(283, status=403), AccessDeniedError, "lacks a permission"),
        (error(2635), SourceError, r"does not answer in v25\.0 any more: update this connector"),
    ],
    ids=["token", "permission", "permission of a Page", "version"],
)
def test_what_a_code_means(
    vendor: FakeVendor, extract: Extract, answer: Answer, expected: type[SourceError], words: str
) -> None:
    vendor.on(f"{BASE}/{page.ACCOUNT}/feed", answer)
    with pytest.raises(expected, match=words):
        extract("facebook", "posts")


def test_a_limit_is_waited_for_as_long_as_is_told(vendor: FakeVendor, extract: Extract, waits: Waits) -> None:
    usage = {"2121": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 12}]}
    refused = error(80_001)
    refused.headers["x-business-use-case-usage"] = json.dumps(usage)
    vendor.on(f"{BASE}/{page.ACCOUNT}/feed", refused, data())
    assert extract("facebook", "posts").row_count == 0
    assert waits.seconds == [720]


def test_a_passing_fault_is_asked_again(vendor: FakeVendor, extract: Extract) -> None:
    vendor.on(f"{BASE}/{page.ACCOUNT}/feed", error(2, status=500), error(1), data())
    assert extract("facebook", "posts").call_count == 3


def test_a_post_that_is_gone_has_no_comments(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    vendor.on(f"{BASE}/{page.ACCOUNT}/feed", data(page.post(1, START), page.post(2, START)))
    vendor.on(f"{BASE}/{page.ACCOUNT}/tagged", data())
    vendor.on(f"{BASE}/{page.post(1, START)['id']}/comments", error(100, 33))
    vendor.on(f"{BASE}/{page.post(2, START)['id']}/comments", data(page.comment(1, START)))
    extract("facebook", "posts")
    extract("facebook", "tagged")
    assert ids(landing, extract("facebook", "comments")) == {page.comment(1, START)["id"]}


def test_comments_of_a_post_are_read_for_a_week_more(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """An answer to a comment may leave the post's time of change as it is."""
    vendor.on(f"{BASE}/{page.ACCOUNT}/feed", data(page.post(1, START)))
    vendor.on(f"{BASE}/{page.ACCOUNT}/tagged", data())
    late = page.comment(1, START + 5 * DAY)
    vendor.on(f"{BASE}/*/comments", data(late))
    extract("facebook", "posts")
    later = START + 5 * DAY
    for stream in ("posts", "tagged"):
        extract("facebook", stream, start=later)
    assert ids(landing, extract("facebook", "comments", start=later)) == {late["id"]}


def test_old_messages_are_not_read_again(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """A conversation of years: a page wholly a month before the window is the last that is read."""
    new, old, older = (page.message(number, START - number * 40 * DAY) for number in (0, 1, 2))
    vendor.on(f"{BASE}/{page.ACCOUNT}/conversations", data(page.conversation(1, START)))
    path = f"{BASE}/t_101/messages"
    vendor.on(
        path, data(new, following=f"{vendor.url}{path}?after=1"), data(old, following=f"{vendor.url}{path}?after=2")
    )
    extract("facebook", "conversations")
    assert ids(landing, extract("facebook", "messages")) == {new["id"]}
    assert len(vendor.calls_to(path)) == 2, older["id"]


def test_a_new_answer_below_an_old_comment_is_found(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """Answers come inside their comment, and go on at a URL of their own."""
    old, first, second = (gram.comment(number, START - days * DAY) for number, days in ((1, 50), (2, 0), (3, 0)))
    replies = {"data": [first], "paging": {"next": f"{vendor.url}{BASE}/{old['id']}/replies?after=1"}}
    vendor.on(f"{BASE}/{gram.ACCOUNT}/media", data(gram.media(1, START - 60 * DAY)))
    vendor.on(f"{BASE}/{gram.media(1, START)['id']}/comments", data({**old, "replies": replies}))
    vendor.on(f"{BASE}/{old['id']}/replies", data(second))
    extract("instagram", "media")
    manifest = extract("instagram", "comments")
    assert ids(landing, manifest) == {first["id"], second["id"]}
    rows = [json.loads(record.payload) for record in landing.read(manifest.key)]
    assert {row["parent_id"] for row in rows} == {old["id"]}
    assert {row["media_id"] for row in rows} == {gram.media(1, START)["id"]}


def test_a_post_without_comments_is_not_asked(vendor: FakeVendor, extract: Extract) -> None:
    vendor.on(f"{BASE}/{gram.ACCOUNT}/media", data({**gram.media(1, START), "comments_count": 0}))
    extract("instagram", "media")
    assert extract("instagram", "comments").call_count == 0


def test_the_proof_of_the_apps_secret_goes_with_the_token(vendor: FakeVendor, extract: Extract) -> None:
    vendor.on(f"{BASE}/{page.ACCOUNT}/feed", data())
    extract("facebook", "posts", app_secret="secret-of-the-app")
    (call,) = vendor.calls
    assert call.params["access_token"] == SECRET
    proof = hmac.new(b"secret-of-the-app", SECRET.encode(), hashlib.sha256).hexdigest()
    assert call.params["appsecret_proof"] == proof


def test_the_check_names_missing_permissions_and_the_version(vendor: FakeVendor, options: ClientOptions) -> None:
    def answer(call: Call) -> Answer:
        return Answer(data().body, headers={"facebook-api-version": "v25.0"})

    vendor.on(f"{BASE}/{page.ACCOUNT}/feed", answer)
    vendor.on(f"{BASE}/{page.ACCOUNT}/ratings", answer)
    vendor.on(f"{BASE}/{page.ACCOUNT}/conversations", error(230, status=403))
    credentials = Credentials("facebook_test", vendor.url + BASE, "", SECRET)

    def report(now: datetime) -> str:
        return str(check_source("facebook", page.ACCOUNT, credentials, now=now, client_options=options))

    assert "FAIL scopes: missing: pages_messaging." in report(START)
    assert "ok   API version: v25.0, until 2028-07-29" in report(START)
    assert "?    API version: v25.0, until 2028-07-29" in report(datetime(2028, 6, 1, tzinfo=UTC))
    assert "FAIL API version: v25.0 ended on 2028-07-29" in report(datetime(2028, 8, 1, tzinfo=UTC))


def test_an_answer_in_another_version_is_said(vendor: FakeVendor, options: ClientOptions) -> None:
    """After a version's end the vendor answers in the next one without a word."""
    for path in (f"{BASE}/{page.ACCOUNT}/*", f"{BASE}/{page.ACCOUNT}"):
        body = page.PAGE if path.endswith(page.ACCOUNT) else data().body
        vendor.routes.pop(path, None)
        vendor.on(path, lambda call, body=body: Answer(body, headers={"facebook-api-version": "v27.0"}))
    credentials = Credentials("facebook_test", vendor.url + BASE, "", SECRET)
    report = check_source("facebook", page.ACCOUNT, credentials, now=START, client_options=options)
    assert "asked for v25.0, answered by v27.0: update this connector" in str(report)
