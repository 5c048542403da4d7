"""Zendesk passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from social_sla.sources.registry import get_stream
from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    KitCase,
    StreamCase,
    UrlPages,
    since,
)
from social_sla.sources.testkit.headers import seconds_headers

from tests.support.reference import recorded_calls
from tests.support.vendor_shapes import iso, ticket, ticket_event, user

HOST = "https://auroraair.zendesk.com"
ME = {"user": {"id": 9_100_000_000_002, "email": "warehouse@aurora.example", "role": "admin", "active": True}}


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def deleted(number: int, at: datetime) -> dict[str, Any]:
    """Zendesk scrubs what it deletes."""
    return {**ticket(number + 1, seconds(at), status="deleted"), "subject": "SCRUBBED", "description": "SCRUBBED"}


def reference(**more: Any) -> Callable[[int, datetime], dict[str, Any]]:
    """A record of reference data."""

    def record(number: int, at: datetime) -> dict[str, Any]:
        times = {"created_at": iso(seconds(at) - 9_999), "updated_at": iso(seconds(at))}
        return {"id": 9_200_000_000_001 + number, "name": f"Name {number}", **more, **times}

    return record


def with_metrics(number: int, at: datetime) -> dict[str, Any]:
    """A ticket as the export gives it with `include=metric_sets`."""
    minutes = {"calendar": 12, "business": 12}
    metrics = {"id": 500 + number, "ticket_id": number + 1, "reply_time_in_minutes": minutes, "reopens": 0}
    return ticket(number + 1, seconds(at), metric_set=metrics)


def metric_event(number: int, at: datetime) -> dict[str, Any]:
    """The metrics' events take turns; each kind has its own further key."""
    kind = ("activate", "apply_sla", "pause", "update_status", "breach")[number % 5]
    policy = {"id": 9_900_000_000_001, "title": "E-mail", "description": ""}
    others: dict[str, dict[str, Any]] = {
        "apply_sla": {"sla": {"target": 60, "business_hours": True, "policy": policy}},
        "update_status": {"status": {"calendar": 12, "business": 7}},
        "breach": {"deleted": False},
    }
    names = {"ticket_id": 10_421 + number // 5, "metric": "reply_time", "instance_id": 1, "type": kind}
    return {"id": 40_000_000_000_001 + number, **names, "time": iso(seconds(at)), **others.get(kind, {})}


def deleted_breach(number: int, at: datetime) -> dict[str, Any]:
    """A breach that a later change of target took back."""
    return {**metric_event(number, at), "type": "breach", "deleted": True}


def rating(number: int, at: datetime) -> dict[str, Any]:
    made = {"created_at": iso(seconds(at) - 9_999), "updated_at": iso(seconds(at))}
    people = {"requester_id": 9_100_000_000_071, "assignee_id": 9_100_000_000_004, "group_id": 9_200_000_000_001}
    words = {"score": "good", "comment": "Quick!", "reason": None, "reason_id": None, "reason_code": None}
    return {"id": 9_650_000_000_001 + number, "ticket_id": 10_421 + number, **people, **words, **made}


def deleted_ticket(number: int, at: datetime) -> dict[str, Any]:
    actor = {"id": 9_100_000_000_001, "name": "Ada"}
    return {
        "id": 10_421 + number,
        "subject": "You won",
        "description": "…",
        "actor": actor,
        "deleted_at": iso(seconds(at)),
        "previous_state": "open",
    }


def holiday(number: int, at: datetime) -> dict[str, Any]:
    return {"id": 9_120_000_000_001 + number, "name": "Day", "start_date": "2026-07-03", "end_date": "2026-07-03"}


def counted(call: Call, rows: list[dict[str, Any]], goes_on: bool) -> Mapping[str, Any]:
    return {"count": len(rows)}


def export(stream: str, path: str, record: Callable[[int, datetime], dict[str, Any]], **other: Any) -> StreamCase:
    told = "after_url" if path.endswith("/cursor") else "next_page"
    pages = UrlPages(
        stream, counted, told=told, flag="end_of_stream", flag_means_more=False, pointer_at_end=True, host=HOST
    )
    return StreamCase(stream, f"/api/v2/incremental/{path}.json", record, pages, visible=since("start_time"), **other)


def cursor_list(stream: str, record: Callable[[int, datetime], dict[str, Any]], **other: Any) -> StreamCase:
    pages = UrlPages(stream, told="links.next", parameter="page[after]", flag="meta.has_more", host=HOST)
    return StreamCase(stream, f"/api/v2/{stream}.json", record, pages, **other)


def offset_list(stream: str, path: str, record: Callable[[int, datetime], dict[str, Any]], key: str = "") -> StreamCase:
    pages = UrlPages(key or stream, told="next_page", parameter="page", numbered=True, host=HOST)
    return StreamCase(stream, path, record, pages, moves=False)


def recorded(stream: str) -> Callable[[], Sequence[dict[str, Any]]]:
    """Rows of the recorded exports."""

    def read() -> Sequence[dict[str, Any]]:
        endpoint = get_stream("zendesk", stream).endpoint
        bodies = [call["body"] for call in recorded_calls("zendesk") if endpoint in call["url"]]
        return [row for body in bodies if isinstance(body, dict) for row in body.get(stream, [])]

    return read


class TestZendesk(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.zendesk:ZENDESK",
        account="auroraair",
        login="warehouse@aurora.example",
        streams=(
            export(
                "tickets",
                "tickets/cursor",
                with_metrics,
                tombstone=deleted,
                recorded=recorded("tickets"),
            ),
            export("ticket_events", "ticket_events", lambda number, at: ticket_event(100 * number + 1, seconds(at))),
            export("ticket_metric_events", "ticket_metric_events", metric_event, tombstone=deleted_breach),
            export(
                "users",
                "users/cursor",
                lambda number, at: user(number + 1, seconds(at)),
                recorded=recorded("users"),
            ),
            cursor_list("satisfaction_ratings", rating, visible=since("start_time"), moves=False),
            cursor_list("deleted_tickets", deleted_ticket, moves=False),
            cursor_list("groups", reference()),
            cursor_list("group_memberships", reference(user_id=1, group_id=2)),
            offset_list("sla_policies", "/api/v2/slas/policies.json", reference(title="E-mail")),
            offset_list(
                "schedules", "/api/v2/business_hours/schedules.json", reference(time_zone="Berlin", intervals=[])
            ),
            offset_list("holidays", "/api/v2/business_hours/schedules/*/holidays.json", holiday),
        ),
        routes=lambda vendor: vendor.on("/api/v2/users/me.json", Answer(ME)),
        rate_headers=seconds_headers("ratelimit"),
    )
