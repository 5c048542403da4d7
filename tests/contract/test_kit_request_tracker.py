"""Request Tracker passes the kit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    FakeVendor,
    KitCase,
    NumberPages,
    StreamCase,
    UrlPages,
)
from social_sla.sources.testkit.pages import Row

API = "/REST/2.0"
HOST = "https://rt.aurora.example"
NEVER = "1970-01-01T00:00:00Z"
PEOPLE = [f"agent{number}" for number in range(40)]


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def ref(kind: str, number: int | str, **more: Any) -> dict[str, Any]:
    return {"id": number, "type": kind, "_url": f"{HOST}{API}/{kind}/{number}", **more}


def ticket(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        **ref("ticket", str(100 + number)),
        "Type": "ticket",
        "Subject": "Wo ist mein Koffer? 🧳",
        "Status": "open",
        "Queue": ref("queue", 1, Name="General"),
        "Owner": ref("user", 6),
        "Creator": ref("user", 27),
        "Requestor": [ref("user", 27)],
        "Priority": "50",
        "InitialPriority": "0",
        "SLA": "standard",
        "Due": iso(at + timedelta(hours=4)),
        "Starts": iso(at),
        "Started": NEVER,
        "Resolved": NEVER,
        "Told": NEVER,
        "Created": iso(at - timedelta(hours=1)),
        "LastUpdated": iso(at),
        "EffectiveId": str(100 + number),
        **other,
    }


def transaction(number: int, at: datetime) -> dict[str, Any]:
    changed = {"Type": "Correspond", "Field": "", "OldValue": "", "NewValue": "", "ObjectId": "100"}
    return {**ref("transaction", str(900 + number)), **changed, "Creator": ref("user", 29), "Created": iso(at)}


def attachment(number: int, at: datetime) -> dict[str, Any]:
    return {
        **ref("attachment", str(1900 + number)),
        "TransactionId": str(900 + number),
        "ContentType": "text/plain",
        "Filename": "",
        "Subject": "",
        "Headers": "X-RT-Interface: Email",
        "Content": "On its way.",
        "Created": iso(at),
    }


def queue(number: int, at: datetime) -> dict[str, Any]:
    shape = {"Name": f"Queue {number}", "Disabled": "0", "Lifecycle": "default", "SLADisabled": "0"}
    return {**ref("queue", str(1 + number)), **shape, "Created": iso(at), "LastUpdated": iso(at)}


def user(number: int, at: datetime) -> dict[str, Any]:
    name = PEOPLE[number % len(PEOPLE)]
    return {**ref("user", 14 + number), "Name": name, "RealName": "", "Organization": ""}


def behind(call: Call, rows: Sequence[Row]) -> list[Row]:
    """A search for tickets behind an id."""
    found = re.search(r"\bid > (\d+)", call.params["query"])
    assert found is not None
    return [row for row in rows if int(row.record["id"]) > int(found[1])]


def counts(call: Call, shown: list[dict[str, Any]], goes_on: bool) -> Mapping[str, Any]:
    return {"count": len(shown), "total": 99, "page": int(call.params.get("page", 1))}


def hides(call: Call, shown: list[dict[str, Any]], goes_on: bool) -> Mapping[str, Any]:
    """What a login without SuperUser is told of a history."""
    return {**counts(call, shown, goes_on), "total": None, "pages": None}


def whole(*items: dict[str, Any]) -> Answer:
    return Answer({"items": list(items), "count": len(items), "total": len(items), "pages": 1, "page": 1})


LIST = UrlPages("items", counts, told="next_page", parameter="page", numbered=True, told_at_end=False, host=HOST)
COUNTED = NumberPages("items", hides)


def beside(vendor: FakeVendor) -> None:
    """What is asked beside the lists: the version, the company's people, deletions."""
    vendor.on(f"{API}/rt", Answer({"Version": "5.0.3", "Plugins": []}))
    vendor.on(f"{API}/groups", whole(ref("group", "4")))
    vendor.on(f"{API}/group/4", Answer({"id": 4, "Members": [ref("user", name) for name in PEOPLE]}))
    vendor.on(f"{API}/transactions", whole())


class TestRequestTracker(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.request_tracker:REQUEST_TRACKER",
        account="rt.aurora.example",
        login="warehouse",
        streams=(
            StreamCase(
                "tickets",
                f"{API}/tickets",
                ticket,
                LIST,
                visible=behind,
                moves=False,
                tombstone=lambda number, at: ticket(number, at, Status="deleted"),
            ),
            StreamCase("transactions", f"{API}/ticket/*/history", transaction, COUNTED, moves=False),
            StreamCase("attachments", f"{API}/ticket/*/attachments", attachment, COUNTED, moves=False),
            StreamCase("queues", f"{API}/queues/all", queue, LIST, moves=False),
            StreamCase("staff", f"{API}/users", user, LIST, moves=False),
        ),
        routes=beside,
        error=lambda status: {"message": f"status {status}"},
    )
