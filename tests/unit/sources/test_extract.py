"""Extraction, end to end against a local server: what lands, what is refused, what stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, LandingRecord, Manifest, PartitionKey, ShrinkError
from social_sla.sources.base import Credentials, Window
from social_sla.sources.errors import (
    AuthenticationError,
    QuarantineError,
    RequestError,
    UnknownStreamError,
    VendorUnavailableError,
    WindowError,
)
from social_sla.sources.extract import extract_stream, payload_of
from social_sla.sources.registry import SOURCES, streams
from social_sla.sources.retry import ClientOptions

from tests.support.http_stub import Answer, Call, HttpStub
from tests.support.vendor_shapes import epoch, iso, ticket, ticket_event, user
from tests.unit.sources.conftest import Waits

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(START, START + DAY)
NOW = START + 2 * DAY
MIDNIGHT = epoch("2026-03-01T00:00:00")
TICKETS = "/api/v2/incremental/tickets/cursor.json"
EVENTS = "/api/v2/incremental/ticket_events.json"
Extract = Callable[..., Manifest]


@pytest.fixture
def extract(landing: Landing, credentials: Credentials, options: ClientOptions) -> Extract:
    def run(stream: str, *, window: Any = WINDOW, **other: Any) -> Manifest:
        return extract_stream(
            "zendesk",
            stream,
            "auroraair",
            credentials,
            window,
            landing,
            "run-1",
            **{"now": NOW, "client_options": options, **other},
        )

    return run


def export(stub: HttpStub, path: str, key: str, pages: list[list[dict[str, Any]]], *, by_time: bool = False) -> None:
    answers = []
    for number, rows in enumerate(pages):
        last = number == len(pages) - 1
        after = f"https://auroraair.zendesk.com{path}?{'start_time' if by_time else 'cursor'}={number + 1}"
        body: dict[str, Any] = {key: rows, "end_of_stream": last}
        body.update({"next_page": after, "count": len(rows), "end_time": 1} if by_time else {"after_url": after})
        answers.append(Answer(body))
    stub.on(path, *answers)


def rows_of(landing: Landing, manifest: Manifest) -> dict[str, Any]:
    return {record.record_id: json.loads(record.payload) for record in landing.read(manifest.key)}


def test_tickets_land_as_the_vendor_sent_them(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    pages = [[ticket(page * 10 + n, MIDNIGHT + page * 100 + n) for n in range(3)] for page in range(3)]
    export(stub, TICKETS, "tickets", pages)
    manifest = extract("tickets")
    assert rows_of(landing, manifest) == {str(row["id"]): row for page in pages for row in page}
    assert (manifest.row_count, manifest.call_count, manifest.wait_seconds) == (9, 3, 0)
    assert manifest.first_updated_at == START
    assert stub.calls[0].params == {"start_time": str(MIDNIGHT), "per_page": "1000", "include": "metric_sets"}
    assert stub.calls[1].params == {"cursor": "1"}


def test_a_second_run_changes_nothing(extract: Extract, stub: HttpStub) -> None:
    pages = [[ticket(n, MIDNIGHT + n) for n in range(5)]]
    export(stub, TICKETS, "tickets", pages)
    first = extract("tickets")
    # Other pages, one of them twice: the same records.
    export(stub, TICKETS, "tickets", [pages[0][:2], pages[0][:2], pages[0][2:], []])
    again = extract("tickets")
    assert (again.sha256, again.row_count, again.duplicate_count) == (first.sha256, 5, 2)


def test_rows_outside_the_window_are_left_for_theirs(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    end = MIDNIGHT + 86_400
    export(
        stub, TICKETS, "tickets", [[ticket(1, MIDNIGHT - 1), ticket(2, MIDNIGHT), ticket(3, end - 1), ticket(4, end)]]
    )
    assert set(rows_of(landing, extract("tickets"))) == {"2", "3"}


def test_paging_ends_once_a_page_lies_past_the_window(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    end = MIDNIGHT + 86_400
    pages = [
        [ticket_event(10, end - 5), ticket_event(20, end + 5)],
        [ticket_event(20, end + 5), ticket_event(30, end + 6)],
        [ticket_event(40, end + 7)],
    ]
    export(stub, EVENTS, "ticket_events", pages, by_time=True)
    manifest = extract("ticket_events")
    assert set(rows_of(landing, manifest)) == {"10"}
    assert manifest.call_count == 2
    assert stub.calls[0].params == {"start_time": str(MIDNIGHT), "per_page": "1000", "include": "comment_events"}
    assert stub.calls[1].params == {"start_time": "1"}


def test_an_item_that_changes_between_pages_lands_in_both_versions(extract: Extract, stub: HttpStub) -> None:
    export(stub, TICKETS, "tickets", [[ticket(1, MIDNIGHT)], [ticket(1, MIDNIGHT + 9, status="solved")]])
    manifest = extract("tickets")
    assert (manifest.row_count, manifest.duplicate_count) == (2, 0)
    assert manifest.last_updated_at == START + timedelta(seconds=9)


def good(rows: int = 5) -> list[list[dict[str, Any]]]:
    return [[ticket(n, MIDNIGHT + n) for n in range(rows)]]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([Answer({"error": "Couldn't authenticate you"}, status=401)], AuthenticationError),
        ([Answer({"error": "x"}, status=403)], Exception),
        ([Answer({"error": "RecordNotFound"}, status=404)], RequestError),
        ([Answer({}, status=500)], VendorUnavailableError),
        ([Answer({"tickets": good()[0], "end_of_stream": True, "after_url": None}, cut=True)], VendorUnavailableError),
        ([Answer("<html>", headers={"Content-Type": "text/html"})], VendorUnavailableError),
        ([Answer({"entries": [], "end_of_stream": True})], Exception),
    ],
    ids=["401", "403", "404", "500", "cut", "html", "other-shape"],
)
@pytest.mark.parametrize("on_page", [1, 2])
def test_whatever_fails_the_partition_stays(
    extract: Extract, stub: HttpStub, landing: Landing, answers: list[Answer], error: type[Exception], on_page: int
) -> None:
    export(stub, TICKETS, "tickets", good())
    before = extract("tickets")
    first_page = Answer({"tickets": [ticket(99, MIDNIGHT)], "end_of_stream": False, "after_url": f"{TICKETS}?cursor=1"})
    stub.on(TICKETS, *([first_page] if on_page == 2 else []), *answers)
    with pytest.raises(error):
        extract("tickets")
    assert landing.manifests() == [before]
    assert len(rows_of(landing, before)) == 5
    assert landing.files.list("data") == list(before.files)


def test_passing_faults_are_survived(extract: Extract, stub: HttpStub, waits: Waits) -> None:
    body = {"tickets": good()[0], "end_of_stream": True, "after_url": None}
    faults = [Answer({}, status=500), Answer({}, status=429, headers={"Retry-After": "3"}), Answer(body, cut=True)]
    stub.on(TICKETS, *faults, Answer(body))
    manifest = extract("tickets")
    assert (manifest.row_count, manifest.call_count) == (5, 4)
    assert manifest.wait_seconds == sum(waits.seconds) == 0.5 + 3 + 2


def test_a_token_that_expires_on_the_way_says_so(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    first = Answer({"tickets": [ticket(1, MIDNIGHT)], "end_of_stream": False, "after_url": f"{TICKETS}?cursor=1"})
    stub.on(TICKETS, first, Answer({"error": "invalid_token"}, status=401))
    with pytest.raises(AuthenticationError, match=r"zendesk_test.*expired"):
        extract("tickets")
    assert landing.manifests() == []


def test_a_new_field_never_breaks(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    row = ticket(1, MIDNIGHT, brand_new={"deep": [1, {"x": None}]}, ratio=1.5, big=2**70)
    export(stub, TICKETS, "tickets", [[row]])
    assert rows_of(landing, extract("tickets")) == {"1": row}


def test_few_bad_records_go_into_quarantine(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    rows = [ticket(n, MIDNIGHT + n) for n in range(20)]
    bad = [
        without(rows[0], "id"),
        without(rows[1], "generated_timestamp"),
        {**rows[2], "generated_timestamp": []},
    ]
    export(stub, TICKETS, "tickets", [rows + bad])
    manifest = extract("tickets")
    assert (manifest.row_count, manifest.quarantined_count) == (20, 3)
    assert manifest.quarantine_file is not None
    lines = [json.loads(line) for line in landing.files.read(manifest.quarantine_file).splitlines()]
    assert [line["reason"] for line in lines] == [
        "id is missing",
        "generated_timestamp is missing",
        "an update time is neither text nor a number",
    ]
    assert lines[0]["record"] == bad[0]


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


@pytest.mark.parametrize(
    ("good_rows", "bad_rows", "stops"), [(20, 5, True), (20, 4, False), (0, 1, True), (600, 6, False)]
)
def test_many_bad_records_stop_the_run(
    extract: Extract, stub: HttpStub, landing: Landing, good_rows: int, bad_rows: int, stops: bool
) -> None:
    rows = [ticket(n, MIDNIGHT + n) for n in range(good_rows)]
    export(stub, TICKETS, "tickets", [rows, [{"id": n} for n in range(bad_rows)]])
    if not stops:
        assert extract("tickets").quarantined_count == bad_rows
        return
    with pytest.raises(QuarantineError, match=r"generated_timestamp is missing .*Nothing was replaced"):
        extract("tickets")
    assert landing.manifests() == []
    (path,) = landing.files.list("quarantine")
    assert len(landing.files.read(path).splitlines()) == bad_rows


def test_a_much_shorter_answer_needs_permission(extract: Extract, stub: HttpStub) -> None:
    export(stub, TICKETS, "tickets", good(60))
    extract("tickets")
    export(stub, TICKETS, "tickets", good(5))
    with pytest.raises(ShrinkError):
        extract("tickets")
    export(stub, TICKETS, "tickets", good(5))
    assert extract("tickets", allow_shrink=True).row_count == 5


def test_the_first_partition_of_users_carries_the_older_ones(
    extract: Extract, stub: HttpStub, landing: Landing
) -> None:
    path = "/api/v2/incremental/users/cursor.json"
    older, newer = user(1, MIDNIGHT - 86_400), user(2, MIDNIGHT + 5)
    export(stub, path, "users", [[older, newer]])
    assert set(rows_of(landing, extract("users"))) == {"1", "2"}
    assert stub.calls[-1].params["start_time"] == "0"
    export(stub, path, "users", [[user(2, MIDNIGHT + 86_400 + 5)]])
    manifest = extract("users", window=(START + DAY, START + 2 * DAY))
    assert stub.calls[-1].params["start_time"] == str(MIDNIGHT + 86_400)
    assert set(rows_of(landing, manifest)) == {"2"}
    # Run the first one again: the same as before.
    export(stub, path, "users", [[older, newer]])
    extract("users")
    assert stub.calls[-1].params["start_time"] == "0"


def test_snapshots_hold_everything_whatever_its_age(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    groups = [{"id": n, "name": f"Group {n}", "created_at": iso(1), "updated_at": iso(2)} for n in range(3)]
    stub.on(
        "/api/v2/groups.json",
        Answer(
            {"groups": groups[:2], "meta": {"has_more": True}, "links": {"next": "https://a/api/v2/groups.json?p=2"}}
        ),
        Answer({"groups": groups[2:], "meta": {"has_more": False}, "links": {"next": None}}),
    )
    manifest = extract("groups")
    assert len(rows_of(landing, manifest)) == 3
    assert stub.calls[0].params == {"page[size]": "100"}


def test_holidays_are_asked_for_each_schedule(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    schedules = [{"id": n, "name": "s", "time_zone": "Berlin", "intervals": [], "updated_at": iso(5)} for n in (11, 12)]
    stub.on("/api/v2/business_hours/schedules.json", Answer({"schedules": schedules}))
    for number in (11, 12):
        holiday = {"id": 5, "name": "New Year", "start_date": "2026-01-01", "end_date": "2026-01-01"}
        stub.on(f"/api/v2/business_hours/schedules/{number}/holidays.json", Answer({"holidays": [holiday]}))
    with pytest.raises(Exception, match="never landed"):
        extract("holidays")
    extract("schedules")
    manifest = extract("holidays")
    found = rows_of(landing, manifest)
    assert set(found) == {"11/5", "12/5"}
    assert found["12/5"]["schedule_id"] == 12
    assert manifest.last_updated_at == START


@pytest.mark.parametrize("late", [timedelta(seconds=1), timedelta(hours=5)])
def test_a_window_that_is_not_over_is_refused(extract: Extract, late: timedelta) -> None:
    with pytest.raises(WindowError, match="not over yet"):
        extract("tickets", now=START + DAY - late)


def test_a_window_that_has_just_ended_is_waited_for(
    extract: Extract, stub: HttpStub, options: ClientOptions, waits: Waits
) -> None:
    export(stub, TICKETS, "tickets", good())
    waits.now = (START + DAY).timestamp() + 20
    extract("tickets", now=None, client_options=options)
    assert waits.seconds == [40.0]
    waits.now = (START + DAY).timestamp() - 90
    with pytest.raises(WindowError):
        extract("tickets", now=None, client_options=options)


@pytest.mark.parametrize(
    "window", [(START, START), (START.replace(tzinfo=None), START + DAY), (START, START + timedelta(microseconds=1))]
)
def test_a_window_that_is_none_is_refused(extract: Extract, window: tuple[datetime, datetime]) -> None:
    with pytest.raises(WindowError):
        extract("tickets", window=window)


def test_unknown_names_are_said(extract: Extract) -> None:
    with pytest.raises(UnknownStreamError, match="it has: tickets, ticket_events"):
        extract("ticket")
    with pytest.raises(UnknownStreamError, match="there are: x, zendesk"):
        streams("myspace")


def test_half_an_emoji_can_be_written(landing: Landing) -> None:
    payload = payload_of(json.loads('{"text": "cut \\ud83e", "whole": "🧳"}'))
    assert json.loads(payload) == {"text": "cut \ufffd", "whole": "🧳"}
    key = PartitionKey("x", "a", "tweets", START, START + DAY)
    landing.replace_partition(key, [LandingRecord("1", START, payload)], run_id="r", extracted_at=NOW)


def test_every_stream_comes_after_those_it_needs() -> None:
    for source in SOURCES:
        seen: set[str] = set()
        for stream in streams(source):
            assert set(stream.depends_on) <= seen
            seen.add(stream.name)
        assert len(seen) == len(SOURCES[source].streams)


def test_streams_in_the_wrong_order_are_put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    backwards = replace(SOURCES["zendesk"], streams=tuple(reversed(SOURCES["zendesk"].streams)))
    monkeypatch.setitem(SOURCES, "zendesk", backwards)
    names = [stream.name for stream in streams("zendesk")]
    assert names.index("schedules") < names.index("holidays")


def test_a_slow_start_is_not_asked_twice(extract: Extract, stub: HttpStub) -> None:
    """A time-out repeats the request; what the first try would have sent cannot land twice."""
    body = {"tickets": good()[0], "end_of_stream": True, "after_url": None}

    def slow_once(_: Call) -> Answer:
        return Answer(body, delay=0.6 if len(stub.calls) == 1 else 0)

    stub.on(TICKETS, slow_once)
    manifest = extract("tickets")
    assert (manifest.row_count, manifest.duplicate_count, manifest.call_count) == (5, 0, 2)
