"""Reddit: whole threads, what the listings' cap means, which modmail is read, both ways to log in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.auth import SessionAuth
from social_sla.sources.base import Credentials
from social_sla.sources.check import check_source
from social_sla.sources.errors import AccountNotFoundError, CredentialsError, IncompleteListingError
from social_sla.sources.extract import extract_stream
from social_sla.sources.reddit import REDDIT
from social_sla.sources.retry import ClientOptions
from social_sla.sources.testkit import Answer, Call, FakeVendor, running_vendor

from tests.contract.test_kit_reddit import (
    ACCOUNT,
    ME,
    THREAD,
    comment,
    conversation,
    listing,
    modmail,
    reply,
    submission,
    thing,
)
from tests.unit.sources.conftest import SECRET

START = datetime(2026, 3, 1, tzinfo=UTC)
NOON = START + timedelta(hours=12)
DAY = timedelta(days=1)
Extract = Callable[..., Manifest]


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    with running_vendor() as fake:
        fake.on("/api/v1/access_token", Answer({"access_token": "token-of-one-day", "scope": "identity read history"}))
        fake.on("/api/v1/me", Answer(ME))
        for path in ("/message/inbox", "/message/sent", f"/user/{ACCOUNT}/*", "/api/info"):
            fake.on(path, Answer(listing([])))
        yield fake


@pytest.fixture
def credentials(vendor: FakeVendor) -> Credentials:
    return Credentials("reddit_test", vendor.url, "app-id", SECRET, {"refresh_token": "refresh-token-4711"})


@pytest.fixture
def extract(credentials: Credentials, landing: Landing, options: ClientOptions) -> Extract:
    def run(stream: str, account: str = ACCOUNT) -> Manifest:
        window = (START, START + DAY)
        return extract_stream(
            "reddit", stream, account, credentials, window, landing, "r", now=START + DAY, client_options=options
        )

    return run


def rows_of(landing: Landing, manifest: Manifest) -> dict[str, Any]:
    return {record.record_id: json.loads(record.payload) for record in landing.read(manifest.key)}


def parents(extract: Extract) -> None:
    for stream in ("inbox", "comments", "submissions"):
        extract(stream)


def test_a_thread_is_read_whole(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """Answers below answers, stubs of what is not shown, and branches that go on elsewhere."""
    top, below, hidden, deep = (comment(number, NOON) for number in (1, 2, 3, 4))
    goes_on = {"kind": "more", "data": {"count": 0, "id": "_", "parent_id": below["data"]["name"], "children": []}}
    stub = {"kind": "more", "data": {"count": 2, "id": "m0003", "children": ["m0003", "gone"]}}
    shown = {
        **top,
        "data": {
            **top["data"],
            "replies": listing([{**below, "data": {**below["data"], "replies": listing([goes_on])}}]),
        },
    }
    path = f"/comments/{THREAD}"
    vendor.on("/message/inbox", Answer(listing([reply(2, NOON)])))
    vendor.on(path, Answer([listing([submission(0, START - 9 * DAY)]), listing([shown, stub])]))
    again = {**below, "data": {**below["data"], "replies": listing([deep])}}
    vendor.on(f"{path}/_/m0002", Answer([listing([]), listing([again])]))
    vendor.on("/api/morechildren", Answer({"json": {"data": {"things": [hidden]}}}))
    parents(extract)
    rows = rows_of(landing, extract("threads"))
    assert set(rows) == {f"t3_{THREAD}", *(found["data"]["name"] for found in (top, below, hidden, deep))}
    assert all("replies" not in row["data"] for row in rows.values())
    assert [call.params["children"] for call in vendor.calls_to("/api/morechildren")] == ["m0003,gone"]


def test_the_thread_of_a_mention_is_in_its_context(vendor: FakeVendor, extract: Extract) -> None:
    """Things of the inbox have no link_id; private messages have no thread."""
    message = thing("t4", 9, NOON, body="Hello", context="", dest=ACCOUNT)
    vendor.on("/message/inbox", Answer(listing([message, reply(1, NOON)])))
    vendor.on("/comments/*", Answer([listing([]), listing([])]))
    parents(extract)
    extract("threads")
    assert [call.path for call in vendor.calls_to("/comments/*")] == [f"/comments/{THREAD}"]


def test_a_thread_that_is_closed_to_us_is_left_out(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    vendor.on("/message/inbox", Answer(listing([reply(1, NOON)])))
    vendor.on("/comments/*", Answer({"message": "Forbidden", "error": 403, "reason": "private"}, 403))
    parents(extract)
    assert rows_of(landing, extract("threads")) == {}


def test_a_listing_at_its_cap_is_not_believed(vendor: FakeVendor, extract: Extract) -> None:
    def answer(call: Call) -> Answer:
        begin = int(call.params.get("after", "t1_0").removeprefix("t1_"))
        page = listing([comment(begin + number, NOON) for number in range(100)])
        page["data"]["after"] = f"t1_{begin + 100}" if begin < 900 else None
        return Answer(page)

    vendor.on(f"/user/{ACCOUNT}/comments", answer)
    vendor.routes = {f"/user/{ACCOUNT}/comments": answer, **vendor.routes}
    with pytest.raises(IncompleteListingError, match="no more than 950 own comments"):
        extract("comments")


def test_archived_modmail_is_read_too(vendor: FakeVendor, extract: Extract, landing: Landing) -> None:
    """The state `all` has neither archived conversations nor appeals."""
    found = {"all": [1], "appeals": [2], "archived": [3]}

    def answer(call: Call) -> Answer:
        rows = [conversation(number, NOON) for number in found[call.params["state"]] if "after" not in call.params]
        return Answer(
            {"conversations": {row["id"]: row for row in rows}, "conversationIds": [row["id"] for row in rows]}
        )

    vendor.on("/api/mod/conversations", answer)
    vendor.on("/api/mod/conversations/g40003", Answer({"messages": {"p90001": modmail(1, NOON)}}))
    assert set(rows_of(landing, extract("modmail_conversations"))) == {"g40001", "g40002", "g40003"}
    (message,) = rows_of(landing, extract("modmail_messages")).values()
    assert message == {"conversation_id": "g40003", **modmail(1, NOON)}
    assert {call.params["markRead"] for call in vendor.calls_to("/api/mod/conversations/*")} == {"false"}


def test_the_log_in_of_another_account_is_refused(extract: Extract) -> None:
    with pytest.raises(AccountNotFoundError, match=r"logs in as u/AuroraAir, not as u/AuroraES"):
        extract("accounts", "AuroraES")


def test_missing_scopes_are_named(vendor: FakeVendor, credentials: Credentials, options: ClientOptions) -> None:
    vendor.on("/api/mod/conversations", Answer({"message": "Forbidden", "error": 403}, 403))
    report = check_source("reddit", ACCOUNT, credentials, now=START, client_options=options)
    assert "scopes: missing: modmail." in str(report)


class Login:
    """Takes what a log-in sends."""

    connection_id = "reddit_test"

    def sign_in(self, url: str, *, form: Mapping[str, str], auth: object) -> dict[str, str]:
        self.sent = url, dict(form)
        return {"access_token": "token-of-one-day"}


@pytest.mark.parametrize(
    ("host", "extra", "sent"),
    [
        (
            "",
            {"refresh_token": "r"},
            ("https://www.reddit.com/api/v1/access_token", {"grant_type": "refresh_token", "refresh_token": "r"}),
        ),
        (
            "https://oauth.reddit.com",
            {"username": "AuroraAir", "password": "p"},
            (
                "https://www.reddit.com/api/v1/access_token",
                {"grant_type": "password", "username": "AuroraAir", "password": "p"},
            ),
        ),
        (
            "http://127.0.0.1:4711",
            {"refresh_token": "r"},
            ("/api/v1/access_token", {"grant_type": "refresh_token", "refresh_token": "r"}),
        ),
    ],
    ids=["web app", "script", "another host"],
)
def test_both_kinds_of_app_can_log_in(host: str, extra: dict[str, str], sent: tuple[str, dict[str, str]]) -> None:
    auth, login = REDDIT.auth(Credentials("reddit_test", host, "app-id", SECRET, extra)), Login()
    assert isinstance(auth, SessionAuth)
    auth.renew(login)  # type: ignore[arg-type]
    assert login.sent == sent


def test_a_connection_without_a_way_to_log_in_is_said() -> None:
    with pytest.raises(CredentialsError, match="lacks 'refresh_token'"):
        REDDIT.auth(Credentials("reddit_test", "", "app-id", SECRET))
