"""Mastodon passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from social_sla.sources.base import DELETED
from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    FakeVendor,
    KitCase,
    LinkPages,
    OpenApi,
    StreamCase,
    WholePage,
)
from social_sla.sources.testkit.headers import iso_headers

from tests.support.kit_pages import RecordPage
from tests.support.reference import recorded_calls, reference_file

ME = {
    "id": "43",
    "username": "AuroraAir",
    "acct": "AuroraAir",
    "url": "https://mastodon.example/@AuroraAir",
    "bot": False,
}
CUSTOMER = {"id": "7", "username": "ana", "acct": "ana@far.example", "url": "https://far.example/@ana", "bot": False}
FIRST = 110_446_983_178_245_440


def millis(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def status(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "id": str(FIRST + number),
        "created_at": millis(at),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "language": "de",
        "edited_at": None,
        "content": '<p><span class="h-card">@<span>AuroraAir</span></span> wo ist mein Koffer? 🧳</p>',
        "account": CUSTOMER,
        "mentions": [{"id": "43", "username": "AuroraAir", "acct": "AuroraAir", "url": ME["url"]}],
        **other,
    }


def notification(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": str(100 + number),
        "type": "mention",
        "created_at": millis(at),
        "group_key": f"ungrouped-{100 + number}",
        "account": CUSTOMER,
        "status": status(9_000 + number, at),
    }


def above(call: Call, rows: list[dict[str, Any]], goes_on: bool) -> dict[str, Any]:
    return {"ancestors": []}


def recorded(fits: Callable[[str], bool]) -> Callable[[], Sequence[dict[str, Any]]]:
    """Recorded rows of the endpoints that fit."""

    def read() -> Sequence[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for call in recorded_calls("mastodon"):
            if call["status"] == 200 and call["method"] == "GET" and fits(urlsplit(call["url"]).path):
                body = call["body"]
                rows += body if isinstance(body, list) else [*body["ancestors"], *body["descendants"]]
        return rows

    return read


def mentions() -> Sequence[dict[str, Any]]:
    """The other kinds are not asked for."""
    rows = recorded(lambda path: path == "/api/v1/notifications")()
    return [row for row in rows if row["type"] == "mention"]


def routes(vendor: FakeVendor) -> None:
    vendor.on("/api/v1/accounts/verify_credentials", Answer(ME))
    vendor.on("/api/v1/apps/verify_credentials", Answer({"name": "Warehouse", "scopes": ["profile", "read"]}))


class TestMastodon(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.mastodon:MASTODON",
        account="AuroraAir@mastodon.example",
        streams=(
            StreamCase(
                "accounts",
                "/api/v1/accounts/verify_credentials",
                lambda number, at: ME,
                RecordPage(),
                is_look_up=True,
            ),
            StreamCase(
                "notifications",
                "/api/v1/notifications",
                notification,
                LinkPages(),
                newest_first=True,
                moves=False,
                recorded=mentions,
            ),
            StreamCase(
                "statuses",
                "/api/v1/accounts/*/statuses",
                lambda number, at: status(number, at, account=ME),
                LinkPages(),
                newest_first=True,
                moves=False,
                recorded=recorded(lambda path: path.startswith("/api/v1/accounts/") and path.endswith("/statuses")),
            ),
            StreamCase(
                "contexts",
                "/api/v1/statuses/*/context",
                status,
                WholePage("descendants", above),
                moves=False,
                ends_empty=False,
                tombstone=lambda number, at: {DELETED: True, "id": str(FIRST + number), "created_at": millis(at)},
                recorded=recorded(lambda path: path.endswith("/context")),
            ),
        ),
        routes=routes,
        rate_headers=iso_headers("x-ratelimit"),
        error=lambda status: {"error": f"Verweigert ({status})"},
        spec=OpenApi(lambda: [reference_file("specs", "mastodon", "schema.json")]),
    )
