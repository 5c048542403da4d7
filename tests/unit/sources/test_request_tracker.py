"""Request Tracker: deleted and merged tickets, hidden lengths, the login's unknown zone, keys in any order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.base import Credentials
from social_sla.sources.errors import IncompleteListingError
from social_sla.sources.extract import extract_stream
from social_sla.sources.testkit import Answer, Call, FakeVendor
from social_sla.sources.testkit.server import running_vendor

API = "/REST/2.0"
START = datetime(2026, 3, 1, tzinfo=UTC)
NOON = "2026-03-01T12:00:00Z"


def ticket(number: int, **other: Any) -> dict[str, Any]:
    shape = {"id": str(number), "EffectiveId": str(number), "Status": "open", "Queue": {"id": 1, "Name": "General"}}
    return {**shape, "Requestor": [{"id": 27}], "Created": NOON, "LastUpdated": NOON, **other}


def whole(*items: dict[str, Any], **other: Any) -> Answer:
    return Answer({"items": list(items), "count": len(items), "total": len(items), "pages": 1, "page": 1, **other})


def hidden(*items: dict[str, Any]) -> Answer:
    return whole(*items, total=None, pages=None)


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    with running_vendor() as vendor:
        vendor.on(f"{API}/transactions", hidden())
        yield vendor


def extract(vendor: FakeVendor, landing: Landing, *names: str) -> Manifest:
    """Lands streams in order; gives the last one's manifest."""
    credentials = Credentials("rt", vendor.url, "warehouse", "a-password")
    window, now = (START, START + timedelta(days=1)), START + timedelta(days=2)
    manifests = [
        extract_stream("request_tracker", name, "rt.aurora.example", credentials, window, landing, "r", now=now)
        for name in names
    ]
    return manifests[-1]


def payloads(landing: Landing, manifest: Manifest) -> dict[str, dict[str, Any]]:
    return {record.record_id: json.loads(record.payload) for record in landing.read(manifest.key)}


def test_a_list_whose_length_is_hidden_is_refused(vendor: FakeVendor, landing: Landing) -> None:
    """Its pages are cut before what may not be seen is left out: an empty one would not be the end."""
    vendor.on(f"{API}/tickets", hidden(ticket(1)))
    with pytest.raises(IncompleteListingError, match="rights"):
        extract(vendor, landing, "tickets")
    assert landing.manifests() == []


def test_the_search_is_wider_than_the_window_by_every_time_zone(vendor: FakeVendor, landing: Landing) -> None:
    before = ticket(1, LastUpdated="2026-02-28T23:59:59Z")
    after = ticket(3, LastUpdated="2026-03-02T00:00:00Z")
    vendor.on(f"{API}/tickets", whole(before, ticket(2), after))
    assert set(payloads(landing, extract(vendor, landing, "tickets"))) == {"2"}
    (call,) = vendor.calls_to(f"{API}/tickets")
    assert "LastUpdated >= '2026-02-28 11:00:00' AND LastUpdated < '2026-03-02 15:00:00'" in call.params["query"]


def test_each_question_begins_behind_the_last_ticket(vendor: FakeVendor, landing: Landing) -> None:
    url = f"{vendor.url}{API}/tickets?page=2"

    def answer(call: Call) -> Answer:
        if "id > 0 " in call.params["query"]:
            return whole(ticket(4), ticket(7), total=3, next_page=url)
        assert "id > 7 " in call.params["query"]
        return whole(ticket(9))

    vendor.on(f"{API}/tickets", answer)
    assert set(payloads(landing, extract(vendor, landing, "tickets"))) == {"4", "7", "9"}
    assert all("page" not in call.params for call in vendor.calls_to(f"{API}/tickets"))


def test_deleted_tickets_land_though_no_search_shows_them(vendor: FakeVendor, landing: Landing) -> None:
    vendor.on(f"{API}/tickets", whole(ticket(1), ticket(4)))
    vendor.on(f"{API}/transactions", hidden(*({"id": str(50 + at), "ObjectId": str(at)} for at in (2, 3, 4))), hidden())
    vendor.on(
        f"{API}/ticket/2", Answer(ticket(2, Status="deleted", EffectiveId={"id": "2"}, Requestor=[{"id": "ana"}]))
    )
    vendor.on(f"{API}/ticket/4", Answer(ticket(4)))  # it is open again
    found = payloads(landing, extract(vendor, landing, "tickets"))
    assert {number: shape["Status"] for number, shape in found.items()} == {"1": "open", "2": "deleted", "4": "open"}


def test_a_merged_tickets_history_comes_with_its_parents(vendor: FakeVendor, landing: Landing) -> None:
    vendor.on(f"{API}/tickets", whole(ticket(3, EffectiveId="7"), ticket(7)))
    shape = {"id": "106", "ObjectId": "3", "Type": "Correspond", "Created": NOON, "Creator": {"id": 27}}
    vendor.on(f"{API}/ticket/7/history", hidden(shape), hidden())
    found = payloads(landing, extract(vendor, landing, "tickets", "transactions"))
    assert found["106"] == {"effective_ticket_id": "7", **shape}
    assert vendor.calls_to(f"{API}/ticket/3/*") == []


def test_the_order_of_keys_changes_nothing(vendor: FakeVendor, landing: Landing) -> None:
    vendor.on(f"{API}/tickets", whole(ticket(1)))
    first = extract(vendor, landing, "tickets")
    backwards = dict(reversed(ticket(1, Queue={"Name": "General", "id": 1}).items()))
    vendor.on(f"{API}/tickets", whole(backwards))
    assert extract(vendor, landing, "tickets").sha256 == first.sha256


def test_staff_is_who_is_privileged(vendor: FakeVendor, landing: Landing) -> None:
    """And RT's own two users. A login without rights on users is shown everybody, whatever it asks for."""
    vendor.on(f"{API}/groups", whole({"id": "4", "type": "group"}))
    members = [{"id": "mia", "type": "user"}, {"id": "8", "type": "group"}]
    vendor.on(f"{API}/group/4", Answer({"id": 4, "Members": members}))
    people = {1: "RT_System", 6: "Nobody", 27: "ana@example.com", 29: "mia"}
    vendor.on(f"{API}/users", whole(*({"id": number, "Name": name} for number, name in people.items())))
    found = payloads(landing, extract(vendor, landing, "staff"))
    assert {shape["Name"] for shape in found.values()} == {"RT_System", "Nobody", "mia"}
