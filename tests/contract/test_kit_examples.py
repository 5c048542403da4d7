"""The kit, and every way of paging and logging in that the shared client knows, on invented vendors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    CursorPages,
    FakeVendor,
    KitCase,
    LinkPages,
    NumberPages,
    OffsetPages,
    StreamCase,
    UrlPages,
    WholePage,
    since,
)
from social_sla.sources.testkit.case import SECRET
from social_sla.sources.testkit.headers import epoch_headers, iso_headers, seconds_headers

ME = Answer({"id": 1})


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def ticket(number: int, at: datetime) -> dict[str, Any]:
    return {"id": number + 1, "updated_at": stamp(at), "deleted_at": None, "subject": "Wo? 🧳", "status": "open"}


class TestDesk(ConnectorSuite):
    case = KitCase(
        "tests.support.example_sources:DESK",
        streams=(
            StreamCase(
                "tickets",
                "/api/tickets",
                ticket,
                LinkPages(parameter="page", numbered=True),
                visible=since("updated_since"),
                tombstone=lambda number, at: {"id": number + 1, "updated_at": stamp(at), "deleted_at": stamp(at)},
            ),
            StreamCase(
                "replies",
                "/api/tickets/*/replies",
                lambda number, at: {"id": number + 1, "created_at": stamp(at), "author": "agent"},
                NumberPages("replies"),
                moves=False,
            ),
            StreamCase(
                "agents",
                "/api/agents",
                lambda number, at: {"id": number + 1, "name": f"Agent {number}"},
                OffsetPages("agents", total="meta.total"),
                moves=False,
                ends_empty=False,
            ),
            StreamCase(
                "events",
                "/api/events/search",
                lambda number, at: {"id": f"e{number}", "at": int(at.timestamp())},
                CursorPages("data", sent="pagination.starting_after", told="pages.next.starting_after"),
            ),
        ),
        routes=lambda vendor: vendor.on("/me", ME),
        rate_headers=epoch_headers("x-ratelimit"),
    )


def log_in(vendor: FakeVendor) -> None:
    """A login whose first token is soon refused."""

    def create(call: Call) -> Answer:
        assert call.json == {"identifier": "aurora.example", "password": SECRET}
        return Answer({"accessJwt": "access-token-of-the-first-hour", "refreshJwt": "refresh-token-of-the-day"})

    vendor.on("/me", ME)
    vendor.on("/xrpc/com.atproto.server.createSession", create)
    vendor.on(
        "/xrpc/com.atproto.server.refreshSession",
        Answer({"accessJwt": "access-token-of-the-next-hour", "refreshJwt": "refresh-token-of-the-day"}),
    )


def comment(number: int, at: datetime) -> dict[str, Any]:
    return {"id": f"c{number}", "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"), "message": "Hi"}


class TestSocial(ConnectorSuite):
    case = KitCase(
        "tests.support.example_sources:SOCIAL",
        login="aurora.example",
        streams=(
            StreamCase(
                "notifications",
                "/xrpc/notifications",
                lambda number, at: {"uri": f"at://n/{number}", "indexedAt": stamp(at), "author": {"did": "did:a"}},
                CursorPages("notifications"),
                newest_first=True,
                moves=False,
            ),
            StreamCase(
                "posts",
                "/AuroraAir/feed",
                lambda number, at: {"id": f"1_{number}", "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000")},
                UrlPages("data", told="paging.next", told_at_end=False, secret=SECRET),
                newest_first=True,
                moves=False,
            ),
            StreamCase(
                "comments",
                "/1_*/comments",
                comment,
                UrlPages("data", told="paging.next", told_at_end=False, secret=SECRET),
                moves=False,
            ),
        ),
        routes=log_in,
        rate_headers=iso_headers("x-ratelimit"),
    )


class TestVideo(ConnectorSuite):
    case = KitCase(
        "tests.support.example_sources:VIDEO",
        streams=(
            StreamCase(
                "threads",
                "/v3/commentThreads",
                lambda number, at: {"id": f"t{number}", "snippet": {"updatedAt": stamp(at)}},
                CursorPages("items", sent="pageToken", told="nextPageToken"),
                visible=since("after"),
            ),
            StreamCase(
                "channel",
                "/v3/channels",
                lambda number, at: {"id": f"UC{number}", "title": "Aurora"},
                WholePage("items"),
                ends_empty=False,
            ),
        ),
        routes=lambda vendor: vendor.on("/me", ME),
    )


class TestBoard(ConnectorSuite):
    case = KitCase(
        "tests.support.example_sources:BOARD",
        login="client-id",
        extra={"refresh_token": "{secret}-refresh"},
        streams=(
            StreamCase(
                "inbox",
                "/message/inbox",
                lambda number, at: {"kind": "t4", "data": {"name": f"t4_{number}", "created_utc": at.timestamp()}},
                CursorPages("data.children", sent="after", told="data.after", told_at_end=True),
                newest_first=True,
                moves=False,
            ),
        ),
        routes=lambda vendor: (
            vendor.on("/me", ME),
            vendor.on("/api/v1/access_token", Answer({"access_token": "token-of-an-hour", "expires_in": 3600})),
        )[0],
        rate_headers=seconds_headers("x-ratelimit"),
    )
