"""Zendesk: metrics come with their tickets, events end where nothing new follows, old ratings that change are found."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.base import Credentials
from social_sla.sources.errors import SourceError
from social_sla.sources.extract import extract_stream
from social_sla.sources.retry import ClientOptions

from tests.support.http_stub import Answer, HttpStub
from tests.support.vendor_shapes import epoch, iso, ticket

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MIDNIGHT = epoch("2026-03-01T00:00:00")
TICKETS = "/api/v2/incremental/tickets/cursor.json"
METRIC_EVENTS = "/api/v2/incremental/ticket_metric_events.json"
RATINGS = "/api/v2/satisfaction_ratings.json"
Extract = Callable[[str], Manifest]


@pytest.fixture
def extract(landing: Landing, credentials: Credentials, options: ClientOptions) -> Extract:
    def run(stream: str) -> Manifest:
        window = (START, START + DAY)
        return extract_stream(
            "zendesk",
            stream,
            "auroraair",
            credentials,
            window,
            landing,
            "r",
            now=START + 2 * DAY,
            client_options=options,
        )

    return run


def rows_of(landing: Landing, manifest: Manifest) -> dict[str, Any]:
    return {record.record_id: json.loads(record.payload) for record in landing.read(manifest.key)}


def metrics(ticket_id: int) -> dict[str, Any]:
    return {"id": 500 + ticket_id, "ticket_id": ticket_id, "reply_time_in_minutes": {"calendar": 4, "business": 0}}


def event(number: int, at: int, kind: str = "activate") -> dict[str, Any]:
    return {
        "id": number,
        "ticket_id": 10_421,
        "metric": "reply_time",
        "instance_id": 1,
        "type": kind,
        "time": iso(at),
    }


def page(events: list[dict[str, Any]], end_time: int, host: str) -> Answer:
    """A page as the vendor documents it: without `end_of_stream`."""
    following = f"{host}{METRIC_EVENTS}?per_page=1000&start_time={end_time}"
    return Answer({"ticket_metric_events": events, "count": len(events), "end_time": end_time, "next_page": following})


@pytest.mark.parametrize("is_beside", [False, True])
def test_metrics_land_inside_their_ticket_wherever_they_come(
    extract: Extract, stub: HttpStub, landing: Landing, is_beside: bool
) -> None:
    tickets = [ticket(number, MIDNIGHT + number) for number in (1, 2)]
    body: dict[str, Any] = {"tickets": tickets, "after_url": f"{stub.url}{TICKETS}?cursor=x", "end_of_stream": True}
    if is_beside:
        body["metric_sets"] = [metrics(2)]
    else:
        tickets[1]["metric_set"] = metrics(2)
    stub.on(TICKETS, Answer(body))
    rows = rows_of(landing, extract("tickets"))
    assert stub.calls_to(TICKETS)[0].params["include"] == "metric_sets"
    assert "metric_set" not in rows["1"]
    assert rows["2"] == {**ticket(2, MIDNIGHT + 2), "metric_set": metrics(2)}


def test_metric_events_end_where_the_next_page_would_be_the_same(
    extract: Extract, stub: HttpStub, landing: Landing
) -> None:
    first = [event(number, MIDNIGHT + number) for number in range(1, 4)]
    last = [*first[-1:], event(4, MIDNIGHT + 9, "pause")]
    again = last[-1:]
    stub.on(
        METRIC_EVENTS,
        page(first, MIDNIGHT + 3, stub.url),
        page(last, MIDNIGHT + 9, stub.url),
        page(again, MIDNIGHT + 9, stub.url),
    )
    manifest = extract("ticket_metric_events")
    assert sorted(rows_of(landing, manifest)) == ["1", "2", "3", "4"]
    assert [call.params["start_time"] for call in stub.calls_to(METRIC_EVENTS)] == [
        str(MIDNIGHT),
        str(MIDNIGHT + 3),
        str(MIDNIGHT + 9),
    ]


def test_metric_events_that_do_not_say_where_they_go_on_are_refused(extract: Extract, stub: HttpStub) -> None:
    stub.on(
        METRIC_EVENTS, Answer({"ticket_metric_events": [event(1, MIDNIGHT)], "end_time": MIDNIGHT + 1, "next_page": 7})
    )
    with pytest.raises(SourceError, match="next_page"):
        extract("ticket_metric_events")


def test_a_rating_that_was_given_weeks_ago_and_changed_today_lands(
    extract: Extract, stub: HttpStub, landing: Landing
) -> None:
    old = {"id": 1, "ticket_id": 7, "score": "good", "created_at": iso(MIDNIGHT - 20 * 86_400)}
    rows = [{**old, "updated_at": iso(MIDNIGHT + 60)}, {**old, "id": 2, "updated_at": iso(MIDNIGHT - 60)}]
    stub.on(RATINGS, Answer({"satisfaction_ratings": rows, "meta": {"has_more": False}, "links": {"next": None}}))
    assert list(rows_of(landing, extract("satisfaction_ratings"))) == ["1"]
    asked = int(stub.calls_to(RATINGS)[0].params["start_time"])
    assert MIDNIGHT - asked >= 28 * 86_400
