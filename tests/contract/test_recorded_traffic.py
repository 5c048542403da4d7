"""The vendors' recorded answers go through our pagers, client and declarations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from social_sla.sources.auth import BearerAuth
from social_sla.sources.base import Credentials, Request, Window
from social_sla.sources.client import RestClient
from social_sla.sources.errors import RequestError
from social_sla.sources.extract import record_of
from social_sla.sources.paging import Page, Pager, TokenPager, cursor_export, cursor_links, time_export
from social_sla.sources.registry import get_stream
from social_sla.sources.retry import ClientOptions

from tests.support.http_stub import Answer, Call, HttpStub, running_stub
from tests.support.reference import recorded_calls

Rows = list[dict[str, Any]]


def asked(url: str) -> tuple[str, frozenset[tuple[str, str]]]:
    parts = urlsplit(url)
    return parts.path, frozenset(parse_qsl(parts.query, keep_blank_values=True))


@pytest.fixture
def stub() -> Iterator[HttpStub]:
    with running_stub() as server:
        yield server


def replay(stub: HttpStub, calls: list[dict[str, Any]]) -> RestClient:
    """Serves one cassette by path and query, each call as often as it is asked."""
    recorded = {asked(call["url"]): call for call in calls}

    def answer(call: Call) -> Answer:
        found = recorded[(call.path, frozenset(call.params.items()))]
        headers = {name: value for name, value in found["response_headers"].items() if "rate" in name.lower()}
        return Answer(found["body"], status=found["status"], headers=headers)

    for path in {path for path, _ in recorded}:
        stub.on(path, answer)
    credentials = Credentials("recorded", stub.url, "", "token")
    return RestClient(credentials, stub.url, BearerAuth("token"), options=ClientOptions(sleep=lambda _: None))


def cassettes(api: str, marker: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for call in recorded_calls(api):
        if marker in call["url"]:
            found[call["cassette"]].append(call)
    return found


@pytest.mark.parametrize(
    ("path", "pager"),
    [
        ("/api/v2/incremental/tickets/cursor.json", cursor_export("tickets")),
        ("/api/v2/incremental/users/cursor.json", cursor_export("users")),
        ("/api/v2/incremental/tickets.json", time_export("tickets")),
        ("/api/v2/incremental/users.json", time_export("users")),
    ],
)
def test_a_chain_of_small_pages_equals_the_big_page(stub: HttpStub, path: str, pager: Pager) -> None:
    """Recorded: one page of 1,000 rows, and a chain of `per_page=1` calls over its beginning."""
    chains = 0
    for calls in cassettes("zendesk", path).values():
        big = [call for call in calls if "per_page" not in call["url"] and "cursor=" not in call["url"]]
        small = [call for call in calls if "per_page=1" in call["url"]]
        if not big or len(small) < 10:
            continue
        client = replay(stub, calls)
        first = asked(small[0]["url"])
        rows: Rows = []
        pages = client.pages(Request(first[0], dict(first[1])), pager)
        for _ in small:
            rows.extend(next(pages))
        assert rows == pager.items(big[0]["body"])[: len(rows)]
        assert len({row["id"] for row in rows}) == len(rows)
        assert client.stats.call_count == len(small)
        chains += 1
    assert chains


@pytest.mark.parametrize("stream", ["tickets", "users"])
def test_every_recorded_row_has_what_we_need(stream: str) -> None:
    declared = get_stream("zendesk", stream)
    window = Window(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    rows = 0
    for calls in cassettes("zendesk", declared.endpoint).values():
        for call in calls:
            if not isinstance(call["body"], dict) or stream not in call["body"]:
                continue
            page = declared.pager.items(call["body"])
            records = [record_of(declared, row, window) for row in page]
            moments = [record.record_updated_at for record in records]
            # The reader stops after a page that lies past the window's end: rows come in order.
            assert moments == sorted(moments)
            rows += len(records)
    assert rows > 1_000


def test_the_export_ends_where_zendesk_says() -> None:
    """`next_page` and `after_url` are never null; only `end_of_stream` ends an export."""
    ended = 0
    for call in recorded_calls("zendesk"):
        body = call["body"]
        if "/incremental/" not in call["url"] or not isinstance(body, dict) or "end_of_stream" not in body:
            continue
        key = "users" if "users" in body else "tickets"
        pager: Pager = cursor_export(key) if "after_url" in body else time_export(key)
        assert (pager.following(Page(body)) is None) == body["end_of_stream"]
        assert body.get("after_url") or body.get("next_page")
        ended += body["end_of_stream"]
    assert ended


def test_links_are_followed(stub: HttpStub) -> None:
    calls = [call for call in recorded_calls("zendesk") if "ticket_audits.json" in call["url"]]
    client = replay(stub, calls)
    pages = client.pages(Request("/api/v2/ticket_audits.json", {"page[size]": "1"}), cursor_links("audits"))
    read = [next(pages) for _ in range(9)]
    assert len({page[0]["id"] for page in read}) == 9


def test_recorded_refusals_are_read(stub: HttpStub) -> None:
    refused = [call for call in recorded_calls("zendesk") if call["status"] in (400, 404)]
    assert refused
    for call in refused:
        client = replay(stub, [call])
        path, params = asked(call["url"])
        with pytest.raises(RequestError, match=f"HTTP {call['status']}"):
            client.get(path, dict(params))


def test_recorded_pages_of_x_are_read() -> None:
    pager, rows = TokenPager(), 0
    for call in recorded_calls("x"):
        path = urlsplit(call["url"]).path
        if not path.startswith("/2/") or not isinstance(call["body"], dict) or "meta" not in call["body"]:
            continue
        page = pager.items(call["body"])
        following = pager.following(Page(call["body"]))
        assert (following is not None) == ("next_token" in call["body"]["meta"])
        if "result_count" in call["body"]["meta"]:
            assert len(page) == call["body"]["meta"]["result_count"]
        rows += len(page)
    assert rows > 10


def test_a_look_up_of_accounts_is_read() -> None:
    pager = TokenPager(may_lack_meta=True)
    bodies = [call["body"] for call in recorded_calls("x") if "/2/users/by?" in call["url"]]
    assert bodies
    for body in bodies:
        assert all({"id", "username"} <= set(user) for user in pager.items(body))
        assert pager.following(Page(body)) is None
