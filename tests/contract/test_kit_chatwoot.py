"""Chatwoot passes the kit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    KitCase,
    NumberPages,
    OpenApi,
    StreamCase,
    WholePage,
)
from social_sla.sources.testkit.pages import Pages, Row, Serving

from tests.support.reference import reference_file

ME = {"id": 3, "accounts": [{"id": 1, "role": "administrator"}]}


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass(frozen=True)
class AfterIdPages(Pages):
    """`after=<id>`: what has a higher id, in order; nothing says whether there is more."""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        behind = sorted(
            (row for row in rows if row.record["id"] > int(call.params["after"])), key=lambda row: row.number
        )
        return Answer(self.body(call, behind[: serving.size], True, {}))


def conversation(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": 500 + number,
        "account_id": 1,
        "inbox_id": 7,
        "status": "open",
        "priority": None,
        "labels": ["baggage"],
        "meta": {"sender": {"id": 71, "blocked": False}, "channel": "Channel::Email", "assignee": {"id": 8}},
        "agent_last_seen_at": seconds(at),
        "first_reply_created_at": 0,
        "waiting_since": 0,
        "snoozed_until": None,
        "created_at": seconds(at) - 600,
        "last_activity_at": seconds(at),
        "messages": [],
    }


def message(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "id": 9_000 + number,
        "conversation_id": 500,
        "content": "On its way. 🧳",
        "message_type": 1,
        "content_type": "text",
        "content_attributes": {},
        "status": "sent",
        "private": False,
        "sender": {"id": 8, "type": "user"},
        "created_at": seconds(at),
        **other,
    }


def event(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": 4_000 + number,
        "name": "conversation_resolved",
        "value": 600.0,
        "conversation_id": 77_123,
        "event_start_time": iso(at),
        "event_end_time": iso(at),
        "created_at": iso(at),
    }


def reference(**more: Any) -> Any:
    return lambda number, at: {"id": number + 1, "name": f"Name {number}", **more}


def whole(stream: str, record: Any, rows: str = "", path: str = "") -> StreamCase:
    return StreamCase(
        stream, f"/api/v1/accounts/1/{path or stream}", record, WholePage(rows), moves=False, ends_empty=False
    )


def specification() -> list[Path]:
    return [reference_file("specs", "chatwoot", "application-api-openapi.yml")]


class TestChatwoot(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.chatwoot:CHATWOOT",
        account="1",
        streams=(
            StreamCase(
                "conversations",
                "/api/v1/accounts/1/conversations",
                conversation,
                NumberPages("data.payload"),
                newest_first=True,
            ),
            StreamCase(
                "messages",
                "/api/v1/accounts/1/conversations/*/messages",
                message,
                AfterIdPages("payload"),
                moves=False,
                tombstone=lambda number, at: message(
                    number, at, content="This message was deleted", content_attributes={"deleted": True}
                ),
            ),
            whole("reporting_events", event, path="conversations/*/reporting_events"),
            whole("inboxes", reference(channel_type="Channel::Email"), rows="payload"),
            whole("teams", reference()),
            whole("team_members", reference(role="agent"), path="teams/*/team_members"),
            whole("agents", reference(role="agent")),
        ),
        routes=lambda vendor: vendor.on("/api/v1/profile", Answer(ME)),
        spec=OpenApi(specification),
    )
