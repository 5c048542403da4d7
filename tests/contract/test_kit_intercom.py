"""Intercom passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
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
)
from social_sla.sources.testkit.headers import epoch_headers
from social_sla.sources.testkit.pages import Row

from tests.support.reference import reference_file

ME = {"type": "admin", "id": "3", "app": {"type": "app", "id_code": "ecahpwf5", "region": "US"}}


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def searched(call: Call, rows: Sequence[Row]) -> list[Row]:
    """Both bounds are outside; a value is a number of seconds."""
    after, before = (found["value"] for found in call.json["query"]["value"])
    return [row for row in rows if after < seconds(row.at) < before]


def conversation(number: int, at: datetime) -> dict[str, Any]:
    return {
        "type": "conversation",
        "id": str(500 + number),
        "created_at": seconds(at) - 600,
        "updated_at": seconds(at),
        "state": "open",
        "open": True,
        "priority": "not_priority",
        "admin_assignee_id": 8,
        "team_assignee_id": None,
        "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": "9", "name": "baggage"}]},
        "source": {
            "type": "email",
            "id": "403918349",
            "delivered_as": "customer_initiated",
            "subject": "",
            "body": "<p>Wo ist mein Koffer? 🧳</p>",
            "author": {"type": "user", "id": "6762f1571bb69f9f2193bbbb"},
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "6762f1571bb69f9f2193bbbb"}]},
        "sla_applied": {"type": "conversation_sla_summary", "sla_name": "Care", "sla_status": "active"},
        "statistics": {"first_admin_reply_at": None},
    }


def part(kind: str) -> Callable[[int, datetime], dict[str, Any]]:
    def record(number: int, at: datetime) -> dict[str, Any]:
        return {
            "type": kind,
            "id": str(9_000 + number),
            "part_type": "comment",
            "body": "On its way.",
            "created_at": seconds(at),
            "updated_at": seconds(at),
            "assigned_to": None,
            "author": {"type": "admin", "id": "8"},
            "redacted": False,
        }

    return record


def ticket(number: int, at: datetime) -> dict[str, Any]:
    return {
        "type": "ticket",
        "id": str(700 + number),
        "category": "Customer",
        "created_at": seconds(at) - 600,
        "updated_at": seconds(at),
        "ticket_state": {"type": "ticket_state", "id": "12", "category": "in_progress"},
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "6762f1571bb69f9f2193bbbb"}]},
        "linked_objects": {"type": "list", "data": []},
    }


def reference(**more: Any) -> Callable[[int, datetime], dict[str, Any]]:
    return lambda number, at: {"id": str(number + 1), "name": f"Name {number}", **more}


def search(stream: str, record: Callable[[int, datetime], dict[str, Any]]) -> StreamCase:
    pages = CursorPages(stream, sent="pagination.starting_after", told="pages.next.starting_after")
    return StreamCase(stream, f"/{stream}/search", record, pages, visible=searched)


def whole(stream: str, path: str, record: Callable[[int, datetime], dict[str, Any]], rows: str) -> StreamCase:
    return StreamCase(stream, path, record, WholePage(rows), moves=False, ends_empty=False)


def specification() -> list[Path]:
    return [reference_file("specs", "intercom", "api.intercom.io-2.15.yaml")]


class TestIntercom(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.intercom:INTERCOM",
        account="ecahpwf5",
        streams=(
            search("conversations", conversation),
            whole(
                "conversation_parts",
                "/conversations/5*",
                part("conversation_part"),
                "conversation_parts.conversation_parts",
            ),
            search("tickets", ticket),
            whole("ticket_parts", "/tickets/7*", part("ticket_part"), "ticket_parts.ticket_parts"),
            whole("admins", "/admins", reference(team_ids=[4]), "admins"),
            whole("teams", "/teams", reference(admin_ids=[8]), "teams"),
        ),
        routes=lambda vendor: vendor.on("/me", Answer(ME)),
        rate_headers=epoch_headers("x-ratelimit"),
        spec=OpenApi(specification),
    )
