"""Freshdesk passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    FakeVendor,
    KitCase,
    LinkPages,
    StreamCase,
    WholePage,
    since,
)
from social_sla.sources.testkit.pages import Row

from tests.support.reference import recorded_calls

NUMBERED = LinkPages(parameter="page", numbered=True)


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def ticket(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "id": 500 + number,
        "subject": "Wo ist mein Koffer? 🧳",
        "description_text": "It did not arrive.",
        "status": 2,
        "priority": 1,
        "source": 1,
        "spam": False,
        "requester_id": 6_012_691_534,
        "responder_id": None,
        "group_id": 7,
        "tags": ["baggage"],
        "due_by": iso(at + timedelta(days=3)),
        "fr_due_by": iso(at + timedelta(hours=4)),
        "is_escalated": False,
        "fr_escalated": False,
        "created_at": iso(at - timedelta(hours=1)),
        "updated_at": iso(at),
        "stats": {"status_updated_at": iso(at), "resolved_at": None, "closed_at": None, "first_responded_at": None},
        **other,
    }


def by_list(call: Call, rows: Sequence[Row]) -> list[Row]:
    """Spam and the bin are lists of their own."""
    wanted = call.params.get("filter", "")
    of_list = [row for row in rows if _list_of(row.record) == wanted]
    return since("updated_since")(call, of_list)


def _list_of(record: dict[str, Any]) -> str:
    return "deleted" if record.get("deleted") else "spam" if record.get("spam") else ""


def conversation(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": 9_000 + number,
        "body_text": "On its way.",
        "incoming": False,
        "private": False,
        "user_id": 6_010_396_333,
        "source": 0,
        "ticket_id": 500,
        "created_at": iso(at),
        "updated_at": iso(at),
    }


def activity(number: int, at: datetime) -> dict[str, Any]:
    return {
        "performed_at": at.strftime("%d-%m-%Y %H:%M:%S +0000"),
        "ticket_id": 500 + number,
        "performer_type": "user",
        "performer_id": 6_010_396_333,
        "activity": {"status": "Open", "agent_id": 6_010_396_333, "group": "Baggage"},
    }


def reference(**more: Any) -> Callable[[int, datetime], dict[str, Any]]:
    def record(number: int, at: datetime) -> dict[str, Any]:
        return {"id": number + 1, "name": f"Name {number}", "created_at": iso(at), "updated_at": iso(at), **more}

    return record


def recorded(*files: str) -> Callable[[], Sequence[dict[str, Any]]]:
    """Recorded bodies: one record or a list each."""

    def read() -> Sequence[dict[str, Any]]:
        bodies = [call["body"] for call in recorded_calls("freshdesk") if call["file"].endswith(files)]
        return [row for body in bodies for row in (body if isinstance(body, list) else [body])]

    return read


def exports(vendor: FakeVendor) -> None:
    """A day's export gives a signed link to its file."""
    vendor.on("/api/v2/agents/me", Answer({"id": 1, "ticket_scope": 1, "type": "support_agent", "contact": {}}))

    def link(call: Call) -> Answer:
        url = f"{vendor.url}/files/activities_{call.params['created_at']}.json?X-Amz-Signature=abc"
        return Answer({"export": [{"created_at": call.params["created_at"], "url": url}]})

    vendor.on("/api/v2/export/ticket_activities", link)


def snapshot(stream: str, record: Callable[[int, datetime], dict[str, Any]], **other: Any) -> StreamCase:
    return StreamCase(stream, f"/api/v2/{stream}", record, NUMBERED, moves=False, **other)


class TestFreshdesk(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.freshdesk:FRESHDESK",
        account="auroraair",
        extra={"ticket_activities": True},
        streams=(
            StreamCase(
                "tickets",
                "/api/v2/tickets",
                ticket,
                NUMBERED,
                visible=by_list,
                tombstone=lambda number, at: ticket(number, at, deleted=True),
                recorded=recorded("ticket_1.json"),
            ),
            StreamCase(
                "conversations",
                "/api/v2/tickets/*/conversations",
                conversation,
                NUMBERED,
                moves=False,
                recorded=recorded("conversations.json"),
            ),
            StreamCase("ticket_activities", "/files/*.json", activity, WholePage("activities_data"), moves=False),
            snapshot("agents", reference(contact={"active": True}), recorded=recorded("agents.json")),
            snapshot("groups", reference()),
            snapshot("ticket_fields", reference(type="default_status", choices={"2": ["Open", "Being Processed"]})),
            snapshot("sla_policies", reference(sla_target={"priority_1": {"respond_within": 28_800}})),
        ),
        routes=exports,
    )
