"""Bluesky passes the kit."""

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
    CursorPages,
    FakeVendor,
    KitCase,
    Lexicons,
    StreamCase,
    WholePage,
    since,
)
from social_sla.sources.testkit.case import SECRET
from social_sla.sources.testkit.headers import epoch_headers
from social_sla.sources.testkit.pages import Row, Serving

from tests.support.kit_pages import RecordPage
from tests.support.reference import reference_file

DID = "did:plc:auroraair0000000000000001"
HANDLE = "auroraair.example"
CUSTOMER = {"did": "did:plc:customer00000000000000007", "handle": "ana.example", "displayName": "Ana"}
PROFILE = {"did": DID, "handle": HANDLE, "displayName": "Aurora Air", "indexedAt": "2024-01-01T00:00:00.000Z"}
ROOT = {"uri": f"at://{CUSTOMER['did']}/app.bsky.feed.post/3kroot", "cid": "bafyroot"}


def millis(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def view(number: int, at: datetime, author: dict[str, Any] = CUSTOMER) -> dict[str, Any]:
    """app.bsky.feed.defs#postView"""
    return {
        "uri": f"at://{author['did']}/app.bsky.feed.post/3k{number:05d}",
        "cid": f"bafy{number}",
        "author": author,
        "record": {
            "$type": "app.bsky.feed.post",
            "text": f"@{HANDLE} wo ist mein Koffer? 🧳",
            "createdAt": millis(at),
            "reply": {"root": ROOT, "parent": ROOT},
            "facets": [
                {
                    "index": {"byteStart": 0, "byteEnd": 18},
                    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": DID}],
                }
            ],
        },
        "replyCount": 0,
        "indexedAt": millis(at),
    }


def notification(number: int, at: datetime) -> dict[str, Any]:
    """app.bsky.notification.listNotifications#notification"""
    post = view(number, at)
    kept = {name: post[name] for name in ("uri", "cid", "author", "record", "indexedAt")}
    return {**kept, "reason": "mention", "isRead": False, "labels": []}


def feed_item(number: int, at: datetime) -> dict[str, Any]:
    """app.bsky.feed.defs#feedViewPost"""
    return {"post": view(number, at, PROFILE), "reply": {"root": view(0, at), "parent": view(0, at)}}


def tombstone(number: int, at: datetime) -> dict[str, Any]:
    """app.bsky.feed.defs#notFoundPost"""
    return {"uri": view(number, at)["uri"], "notFound": True}


@dataclass(frozen=True)
class ThreadPages(WholePage):
    """A thread: each post answers the one before it; a post that is gone has nothing below it."""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        posts = [row.record for row in sorted(rows, key=lambda row: row.number)]
        gone = [post for post in posts if post.get("notFound")]
        below: list[dict[str, Any]] = gone
        for post in reversed([post for post in posts if not post.get("notFound")]):
            below = [{"post": post, "replies": below}]
        if not below:
            return Answer({"error": "NotFound", "message": "Post not found"}, 400)
        return Answer({"thread": below[0]})


def posts(call: Call) -> Answer:
    """app.bsky.feed.getPosts: all that is asked for is there."""
    return Answer({"posts": [{"uri": value} for name, value in call.query if name == "uris"]})


def routes(vendor: FakeVendor) -> None:
    def log_in(call: Call) -> Answer:
        assert call.json == {"identifier": HANDLE, "password": SECRET}
        return Answer({**tokens, "did": DID, "handle": HANDLE})

    tokens = {"accessJwt": "access-token-of-two-hours", "refreshJwt": "refresh-token-of-two-months"}
    vendor.on("/xrpc/com.atproto.server.createSession", log_in)
    vendor.on("/xrpc/com.atproto.server.refreshSession", Answer({**tokens, "did": DID, "handle": HANDLE}))
    vendor.on("/xrpc/com.atproto.server.getSession", Answer({"did": DID, "handle": HANDLE}))
    vendor.on("/xrpc/app.bsky.feed.getPosts", posts)


class TestBluesky(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.bluesky:BLUESKY",
        account=HANDLE,
        login=HANDLE,
        streams=(
            StreamCase(
                "accounts",
                "/xrpc/app.bsky.actor.getProfile",
                lambda number, at: PROFILE,
                RecordPage(),
                is_look_up=True,
            ),
            StreamCase(
                "notifications",
                "/xrpc/app.bsky.notification.listNotifications",
                notification,
                CursorPages("notifications"),
                newest_first=True,
                moves=False,
            ),
            StreamCase(
                "posts",
                "/xrpc/app.bsky.feed.getAuthorFeed",
                feed_item,
                CursorPages("feed"),
                newest_first=True,
                moves=False,
            ),
            StreamCase(
                "search",
                "/xrpc/app.bsky.feed.searchPosts",
                view,
                CursorPages("posts"),
                newest_first=True,
                visible=since("since"),
                moves=False,
            ),
            StreamCase(
                "threads",
                "/xrpc/app.bsky.feed.getPostThread",
                view,
                ThreadPages(),
                moves=False,
                ends_empty=False,
                tombstone=tombstone,
            ),
        ),
        routes=routes,
        rate_headers=epoch_headers("ratelimit"),
        error=lambda status: {"error": "InvalidRequest", "message": f"refused by the kit: {status}"},
        spec=Lexicons(lambda: Path(reference_file("specs", "atproto"))),
    )
