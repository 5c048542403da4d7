"""HubSpot passes the kit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    CursorPages,
    KitCase,
    OpenApi,
    StreamCase,
    WholePage,
    since,
)
from social_sla.sources.testkit.pages import Row

from tests.support.reference import reference_file

THREADS = "/conversations/v3/conversations/threads"
CURSOR = CursorPages("results", sent="after", told="paging.next.after")


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.250Z")


def searched(call: Call, rows: Sequence[Row]) -> list[Row]:
    (found,) = call.json["filterGroups"][0]["filters"]
    assert (found["propertyName"], found["operator"]) == ("hs_lastmodifieddate", "GTE")
    return [row for row in rows if int(row.at.timestamp() * 1_000) >= int(found["value"])]


def ticket(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "id": str(500 + number),
        "properties": {
            "subject": "Wo ist mein Koffer? 🧳",
            "hs_pipeline": "0",
            "hs_pipeline_stage": "1",
            "hs_ticket_priority": "HIGH",
            "source_type": "EMAIL",
            "hs_time_to_first_response_sla_status": "ACTIVE_ON_TRACK",
        },
        "createdAt": iso(at - timedelta(hours=1)),
        "updatedAt": iso(at),
        "archived": False,
        **other,
    }


def history(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": str(500 + number),
        "properties": {},
        "propertiesWithHistory": {
            "hs_pipeline_stage": [{"value": "1", "timestamp": iso(at), "sourceType": "CRM_UI", "updatedByUserId": 8}]
        },
        "createdAt": iso(at),
        "updatedAt": iso(at),
        "archived": False,
    }


def thread(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": str(700 + number),
        "createdAt": iso(at - timedelta(hours=1)),
        "closedAt": None,
        "status": "OPEN",
        "originalChannelId": "1002",
        "originalChannelAccountId": "424",
        "latestMessageTimestamp": iso(at),
        "assignedTo": "A-8",
        "spam": False,
        "inboxId": "33",
        "associatedContactId": "71",
        "archived": False,
        "threadAssociations": {"associatedTicketId": "500"},
    }


def message(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "id": f"9cc0{number:04x}",
        "conversationsThreadId": "700",
        "type": "MESSAGE",
        "direction": "OUTGOING",
        "createdBy": "A-8",
        "createdAt": iso(at),
        "text": "On its way.",
        "status": {"statusType": "SENT"},
        "client": {"clientType": "HUBSPOT"},
        "archived": False,
        **other,
    }


def reference(**more: Any) -> Callable[[int, datetime], dict[str, Any]]:
    return lambda number, at: {"id": str(number + 1), "name": f"Name {number}", "updatedAt": iso(at), **more}


def left(calls: int, reset: float, now: float) -> dict[str, str]:
    """HubSpot's own headers: what is left of an interval."""
    prefix = "X-HubSpot-RateLimit"
    interval = str(math.ceil((reset - now) * 1_000))
    return {f"{prefix}-Max": "2", f"{prefix}-Remaining": str(calls), f"{prefix}-Interval-Milliseconds": interval}


def specification() -> list[Path]:
    names = ("tickets-v3", "conversations-v3", "pipelines-v3", "owners-v3")
    return [reference_file("specs", "hubspot", f"{name}.json") for name in names]


class TestHubspot(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.hubspot:HUBSPOT",
        account="44556677",
        streams=(
            StreamCase("tickets", "/crm/v3/objects/tickets/search", ticket, CURSOR, visible=searched),
            StreamCase(
                "ticket_histories",
                "/crm/v3/objects/tickets/batch/read",
                history,
                WholePage("results"),
                moves=False,
                ends_empty=False,
            ),
            StreamCase(
                "archived_tickets",
                "/crm/v3/objects/tickets",
                lambda number, at: ticket(number, at, archived=True, archivedAt=iso(at)),
                CURSOR,
                moves=False,
            ),
            StreamCase("threads", THREADS, thread, CURSOR, visible=since("latestMessageTimestampAfter")),
            StreamCase(
                "thread_messages",
                f"{THREADS}/*/messages",
                message,
                CURSOR,
                moves=False,
                tombstone=lambda number, at: message(number, at, archived=True, text=""),
            ),
            StreamCase("archived_threads", THREADS, thread, CURSOR, moves=False),
            StreamCase(
                "pipelines",
                "/crm/v3/pipelines/tickets",
                reference(stages=[{"id": "1", "label": "New", "metadata": {"ticketState": "OPEN"}}]),
                WholePage("results"),
                moves=False,
                ends_empty=False,
            ),
            StreamCase("owners", "/crm/v3/owners", reference(userId=8, teams=[]), CURSOR, moves=False),
            StreamCase(
                "inboxes", "/conversations/v3/conversations/inboxes", reference(type="HELP_DESK"), CURSOR, moves=False
            ),
        ),
        routes=lambda vendor: vendor.on(
            "/account-info/v3/details", Answer({"portalId": 44_556_677, "accountType": "STANDARD"})
        ),
        rate_headers=left,
        spec=OpenApi(specification, unlisted=("/account-info/v3/details",)),
    )
