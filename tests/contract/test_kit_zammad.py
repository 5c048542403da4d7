"""Zammad passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from social_sla.sources.testkit import Answer, ConnectorSuite, KitCase, NumberPages, StreamCase, WholePage, since

from tests.support.reference import recorded_calls

ME = {"id": 3, "login": "warehouse@aurora.example", "roles": ["Agent"], "groups": {"Users": ["read"]}}


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.250Z")


def ticket(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": 100 + number,
        "number": f"77{number:03}",
        "title": "Wo ist mein Koffer? 🧳",
        "group_id": 1,
        "state_id": 2,
        "priority_id": 2,
        "owner_id": 3,
        "customer_id": 71,
        "first_response_at": None,
        "first_response_escalation_at": None,
        "close_escalation_at": None,
        "create_article_type": "email",
        "create_article_sender": "Customer",
        "state": "open",
        "created_at": iso(at - timedelta(hours=1)),
        "updated_at": iso(at),
    }


def article(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": 900 + number,
        "ticket_id": 100,
        "type": "email",
        "sender": "Agent",
        "internal": False,
        "content_type": "text/html",
        "body": "<p>On its way.</p>",
        "created_by_id": 3,
        "origin_by_id": None,
        "preferences": {"delivery_status": "success"},
        "created_at": iso(at),
        "updated_at": iso(at),
    }


def history(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": 4_000 + number,
        "o_id": 100,
        "object": "Ticket",
        "type": "updated",
        "attribute": "state",
        "id_from": 1,
        "id_to": 2,
        "value_from": "new",
        "value_to": "open",
        "created_by_id": 3,
        "created_at": iso(at),
    }


def reference(**more: Any) -> Callable[[int, datetime], dict[str, Any]]:
    def record(number: int, at: datetime) -> dict[str, Any]:
        return {"id": number + 1, "name": f"Name {number}", "created_at": iso(at), "updated_at": iso(at), **more}

    return record


def recorded(path: str) -> Callable[[], Sequence[dict[str, Any]]]:
    """Rows of the recorded lists under a path."""

    def read() -> Sequence[dict[str, Any]]:
        bodies = [call["body"] for call in recorded_calls("zammad") if f"{path}?" in call["url"]]
        return [row for body in bodies for row in body]

    return read


def of_one_ticket(stream: str, path: str, record: Callable[[int, datetime], dict[str, Any]], key: str) -> StreamCase:
    return StreamCase(stream, path, record, WholePage(key), moves=False, ends_empty=False)


class TestZammad(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.zammad:ZAMMAD",
        account="auroraair",
        streams=(
            StreamCase(
                "tickets",
                "/api/v1/tickets/search",
                ticket,
                NumberPages(),
                visible=since("condition[ticket.updated_at][value]"),
                recorded=recorded("/api/v1/tickets/search"),
            ),
            of_one_ticket("ticket_articles", "/api/v1/ticket_articles/by_ticket/*", article, ""),
            of_one_ticket("ticket_history", "/api/v1/ticket_history/*", history, "history"),
            StreamCase(
                "groups",
                "/api/v1/groups",
                reference(user_ids=[3]),
                NumberPages(),
                moves=False,
                recorded=recorded("/api/v1/groups"),
            ),
            StreamCase(
                "ticket_states", "/api/v1/ticket_states", reference(state_type="open"), NumberPages(), moves=False
            ),
            StreamCase("ticket_priorities", "/api/v1/ticket_priorities", reference(), NumberPages(), moves=False),
        ),
        routes=lambda vendor: vendor.on("/api/v1/users/me", Answer(ME)),
    )
