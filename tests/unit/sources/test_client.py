"""The shared client: retries, limits, errors, secrets."""

from __future__ import annotations

import base64
import logging
from email.utils import formatdate

import pytest
from social_sla.landing import LoadStats
from social_sla.sources.auth import BasicAuth, BearerAuth
from social_sla.sources.base import Credentials, Request
from social_sla.sources.client import RestClient
from social_sla.sources.errors import (
    AccessDeniedError,
    AuthenticationError,
    CredentialsError,
    PagingError,
    RequestError,
    ResponseShapeError,
    SourceError,
    VendorUnavailableError,
)
from social_sla.sources.paging import TokenPager, cursor_export, cursor_links, next_page, time_export
from social_sla.sources.retry import ClientOptions, asked_wait

from tests.support.http_stub import Answer, HttpStub
from tests.unit.sources.conftest import SECRET, Waits


@pytest.fixture
def client(stub: HttpStub, credentials: Credentials, options: ClientOptions) -> RestClient:
    return RestClient(credentials, stub.url, BasicAuth("robot@example.com/token", SECRET), options=options)


GOOD = Answer({"ok": True})


@pytest.mark.parametrize(
    "bad",
    [
        Answer({"error": "oops"}, status=500),
        Answer("<html>maintenance</html>", status=503, headers={"Content-Type": "text/html"}),
        Answer("<html>login</html>", headers={"Content-Type": "text/html"}),
        Answer({"ok": "x" * 5000}, cut=True),
        Answer('{"ok": tru'),
        Answer('{"ok": NaN}'),
        Answer(""),
        Answer(["a list"]),
        Answer({"ok": True}, delay=0.6),
        Answer(drop=True),
        Answer({"error": "busy"}, status=429),
    ],
    ids=["500", "503-html", "html", "cut", "half", "nan", "empty", "list", "timeout", "drop", "429"],
)
def test_passing_trouble_is_retried(client: RestClient, stub: HttpStub, waits: Waits, bad: Answer) -> None:
    stub.on("/a", bad, GOOD)
    assert client.get("/a") == {"ok": True}
    assert client.stats.call_count == 2
    assert len(waits.seconds) == 1
    assert client.stats.wait_seconds == pytest.approx(sum(waits.seconds))


def test_backoff_doubles_and_ends_with_words(client: RestClient, stub: HttpStub, waits: Waits) -> None:
    stub.on("/a", Answer({}, status=502))
    with pytest.raises(VendorUnavailableError, match="failed 4 times, the last time with: HTTP 502"):
        client.get("/a")
    assert waits.seconds == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": formatdate(1_790_000_030, usegmt=True)}, 30),
        ({"Retry-After": formatdate(1_700_000_000, usegmt=True)}, 0),
        ({"x-rate-limit-reset": "1790000090"}, 90),
        ({"ratelimit-reset": "21"}, 21),
        ({"rate-limit-reset": "22"}, 22),
        ({"ratelimit-reset": "1790000007"}, 7),
        ({"Retry-After": "3", "x-rate-limit-reset": "1790000090"}, 3),
        ({"x-rate-limit-reset": "1790000090", "x-rate-limit-remaining": "0"}, 90),
        ({"x-rate-limit-reset": "1790000090", "x-rate-limit-remaining": "17"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_the_one_asked_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, lambda: 1_790_000_000.0) == seconds


def test_429_waits_as_long_as_asked_and_counts_it(client: RestClient, stub: HttpStub, waits: Waits) -> None:
    stub.on("/a", Answer({}, status=429, headers={"Retry-After": "7"}), GOOD)
    client.get("/a")
    assert waits.seconds == [7.0]
    assert client.stats.wait_seconds == 7.0


def test_waiting_has_a_limit(stub: HttpStub, credentials: Credentials, waits: Waits) -> None:
    options = ClientOptions(max_wait_seconds=100, sleep=waits.sleep, clock=waits.clock, jitter=lambda: 0.0)
    client = RestClient(credentials, stub.url, BearerAuth(SECRET), options=options)
    stub.on("/a", Answer({}, status=429, headers={"Retry-After": "60"}))
    with pytest.raises(VendorUnavailableError, match="waiting 60 s more would pass the 100 s"):
        client.get("/a")
    assert waits.seconds == [60.0]


def test_no_server_is_said_in_words(credentials: Credentials, options: ClientOptions) -> None:
    client = RestClient(credentials, "http://127.0.0.1:9", BearerAuth(SECRET), options=options)
    with pytest.raises(VendorUnavailableError, match="ConnectionError: no connection"):
        client.get("/a")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            Answer({"error": "Couldn't authenticate you"}, status=401),
            AuthenticationError,
            "zendesk_test.*Couldn't auth",
        ),
        (
            Answer({"title": "Forbidden", "detail": "client-not-enrolled"}, status=403),
            AccessDeniedError,
            "may not read",
        ),
        (Answer({"error": {"title": "Forbidden", "message": "no"}}, status=403), AccessDeniedError, "Forbidden – no"),
        (Answer({"error": "RecordNotFound", "description": "Not found"}, status=404), RequestError, "RecordNotFound"),
        (Answer("<html>", status=404, headers={"Content-Type": "text/html"}), RequestError, "text/html, no JSON"),
        (
            Answer({"errors": [{"message": "bad query"}], "title": "Invalid Request"}, status=400),
            RequestError,
            "bad query",
        ),
        (
            Answer("", status=302, headers={"Location": "https://elsewhere.example/x"}),
            RequestError,
            "elsewhere.example",
        ),
    ],
)
def test_refusals_fail_at_once(
    client: RestClient, stub: HttpStub, answer: Answer, error: type[SourceError], words: str
) -> None:
    stub.on("/a", answer)
    with pytest.raises(error, match=words):
        client.get("/a")
    assert client.stats.call_count == 1


def test_the_secret_is_shown_nowhere(
    client: RestClient, stub: HttpStub, credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    encoded = base64.b64encode(f"robot@example.com/token:{SECRET}".encode()).decode()
    echo = {"error": f"bad token {SECRET}", "description": f"Basic {encoded}"}
    texts = [repr(credentials), repr(client), str(credentials)]
    for status in (400, 401, 403):
        stub.on("/a", Answer(echo, status=status))
        with pytest.raises(SourceError) as caught:
            client.get("/a", {"query": f"from:me {SECRET}", "cursor": "b3BhcXVl"})
        texts.append(str(caught.value))
        assert caught.value.__cause__ is None
    stub.on("/a", Answer(echo, status=429))
    with pytest.raises(SourceError) as caught:
        client.get(f"/a/{SECRET}")
    texts.append(str(caught.value))
    texts.extend(record.getMessage() for record in caplog.records if record.name.startswith("social_sla"))
    assert stub.calls[0].headers["authorization"] == f"Basic {encoded}"
    for text in texts:
        assert SECRET not in text
        assert encoded not in text
    assert "cursor=…" in texts[3]
    assert "b3BhcXVl" not in texts[3]


@pytest.mark.parametrize("token", ["", "  ", "a b", "a\nb", "tökén€"])
def test_a_token_that_cannot_be_sent_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials("x_default", "", "", token)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize("host", ["ftp://a", "https://user:pw@a", "https://a?x=1", "https://"])
def test_an_odd_host_is_refused(host: str) -> None:
    with pytest.raises(CredentialsError):
        Credentials("x_default", host, "", "t")


def test_a_pasted_token_loses_its_line_end_and_a_host_gets_its_scheme() -> None:
    credentials = Credentials("x_default", " auroraair.zendesk.com/ ", "", "abc\n")
    assert credentials.token == "abc"
    assert credentials.base_url == "https://auroraair.zendesk.com"


PAGERS = {
    "token": (
        TokenPager(),
        lambda rows, page, last: {
            **({"data": rows} if rows else {}),
            "meta": {"result_count": len(rows), **({} if last else {"next_token": f"t{page + 1}"})},
        },
    ),
    "cursor": (
        cursor_export("tickets"),
        lambda rows, page, last: {
            "tickets": rows,
            "after_url": f"https://other.example/list?cursor=c{page + 1}",
            "end_of_stream": last,
        },
    ),
    "time": (
        time_export("tickets"),
        lambda rows, page, last: {
            "tickets": rows,
            "next_page": f"https://other.example/list?start_time={page + 1}",
            "end_of_stream": last,
        },
    ),
    "links": (
        cursor_links("groups"),
        lambda rows, page, last: {
            "groups": rows,
            "meta": {"has_more": not last},
            "links": {"next": f"https://other.example/list?page%5Bafter%5D={page + 1}%3D"},
        },
    ),
    "next_page": (
        next_page("sla_policies"),
        lambda rows, page, last: {
            "sla_policies": rows,
            "next_page": None if last else f"https://other.example/list?page={page + 1}",
        },
    ),
}


@pytest.mark.parametrize("name", PAGERS)
@pytest.mark.parametrize("sizes", [[2, 2, 2], [2, 2, 1], [2, 2, 0], [2, 0, 2], [0], [1]], ids=str)
def test_paging_reads_to_the_end_marker(client: RestClient, stub: HttpStub, name: str, sizes: list[int]) -> None:
    pager, body = PAGERS[name]
    rows = [[{"id": page * 10 + number} for number in range(size)] for page, size in enumerate(sizes)]
    stub.on("/list", *[Answer(body(rows[page], page, page == len(sizes) - 1)) for page in range(len(sizes))])
    pages = list(client.pages(Request("/list", {"start_time": "0"}), pager))
    assert pages == rows
    assert len(stub.calls) == len(sizes)
    if name == "links" and len(sizes) > 1:
        assert stub.calls[1].params == {"page[after]": "1="}
    if name == "token" and len(sizes) > 1:
        assert stub.calls[1].params == {"start_time": "0", "pagination_token": "t1"}


@pytest.mark.parametrize("name", PAGERS)
def test_a_page_that_points_to_itself_is_an_error(client: RestClient, stub: HttpStub, name: str) -> None:
    pager, body = PAGERS[name]
    stub.on("/list", Answer(body([{"id": 1}], 0, False)))
    with pytest.raises(PagingError, match="would never end"):
        list(client.pages(Request("/list", {"start_time": "0"}), pager))
    assert len(stub.calls) == 2


@pytest.mark.parametrize(
    ("pager", "body"),
    [
        (TokenPager(), {"errors": [{"title": "x"}]}),
        (cursor_export("tickets"), {"tickets": []}),
        (cursor_export("tickets"), {"tickets": [], "end_of_stream": "true"}),
        (cursor_export("tickets"), {"ticket": [], "end_of_stream": True}),
        (time_export("ticket_events"), {"ticket_events": None, "end_of_stream": True}),
        (cursor_links("groups"), {"groups": [], "links": {}}),
        (next_page("schedules"), {"schedules": ["text"]}),
    ],
)
def test_an_answer_without_its_list_or_its_end_is_an_error(
    client: RestClient, stub: HttpStub, pager: TokenPager, body: dict[str, object]
) -> None:
    stub.on("/list", Answer(body))
    with pytest.raises(ResponseShapeError):
        list(client.pages(Request("/list"), pager))


def test_no_pointer_before_the_end_is_an_error(client: RestClient, stub: HttpStub) -> None:
    stub.on("/list", Answer({"tickets": [], "after_url": None, "end_of_stream": False}))
    with pytest.raises(PagingError, match="does not say where"):
        list(client.pages(Request("/list"), cursor_export("tickets")))


def test_a_next_page_on_another_host_is_asked_of_our_own(stub: HttpStub, options: ClientOptions) -> None:
    credentials = Credentials("c", f"{stub.url}/proxy", "", SECRET)
    client = RestClient(credentials, credentials.base_url, BearerAuth(SECRET), stats=LoadStats(), options=options)
    stub.on(
        "/proxy/list",
        Answer({"tickets": [], "after_url": "https://evil.example/proxy/list?cursor=2", "end_of_stream": False}),
        Answer({"tickets": [], "after_url": None, "end_of_stream": True}),
    )
    assert len(list(client.pages(Request("/list"), cursor_export("tickets")))) == 2
    assert [call.path for call in stub.calls] == ["/proxy/list", "/proxy/list"]
