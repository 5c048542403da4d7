"""YouTube passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from social_sla.sources.testkit import Answer, Call, ConnectorSuite, CursorPages, KitCase, StreamCase, WholePage

from tests.support.reference import recorded_calls

ACCOUNT = "UCaurora0000000000000001"
CHANNEL = {"kind": "youtube#channel", "id": ACCOUNT, "snippet": {"title": "Aurora Air", "customUrl": "@auroraair"}}
REASONS = {401: "authError", 403: "forbidden", 404: "channelNotFound"}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def comment(number: str, at: datetime, **other: Any) -> dict[str, Any]:
    snippet = {
        "authorDisplayName": "@ana-travels",
        "authorChannelId": {"value": "UCana0000000000000000001"},
        "videoId": "vid00000001",
        "textDisplay": "Wo ist mein Koffer? 🧳",
        "textOriginal": "Wo ist mein Koffer? 🧳",
        "publishedAt": stamp(at),
        "updatedAt": stamp(at),
    }
    return {"kind": "youtube#comment", "id": number, "snippet": {**snippet, **other}}


def thread(number: int, at: datetime, count: int = 12) -> dict[str, Any]:
    """More answers than a thread brings along."""
    snippet = {
        "channelId": ACCOUNT,
        "videoId": "vid00000001",
        "topLevelComment": comment(f"Ugx{number:04d}", at),
        "totalReplyCount": count,
        "isPublic": True,
    }
    return {"kind": "youtube#commentThread", "id": f"Ugx{number:04d}", "snippet": snippet}


def reply(number: int, at: datetime) -> dict[str, Any]:
    return comment(f"Ugx0000.{number:04d}", at, parentId="Ugx0000")


def info(call: Call, rows: list[dict[str, Any]], goes_on: bool) -> dict[str, Any]:
    return {"pageInfo": {"totalResults": 1_000_000, "resultsPerPage": len(rows)}}


def recorded(fits: Callable[[str], bool]) -> Callable[[], Sequence[dict[str, Any]]]:
    """Items of the recorded bodies whose file fits."""
    return lambda: [row for call in recorded_calls("youtube") if fits(call["file"]) for row in call["body"]["items"]]


def pages() -> CursorPages:
    return CursorPages("items", info, sent="pageToken", told="nextPageToken")


class TestYouTube(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.youtube:YOUTUBE",
        account=ACCOUNT,
        streams=(
            StreamCase(
                "accounts",
                "/youtube/v3/channels",
                lambda number, at: CHANNEL,
                WholePage("items"),
                is_look_up=True,
                recorded=recorded(lambda file: "/channels/" in file),
            ),
            StreamCase(
                "threads",
                "/youtube/v3/commentThreads",
                thread,
                pages(),
                newest_first=True,
                moves=False,
                recorded=recorded(lambda file: "/comment_threads/" in file),
            ),
            StreamCase(
                "replies",
                "/youtube/v3/comments",
                reply,
                pages(),
                newest_first=True,
                moves=False,
                recorded=recorded(lambda file: "by_parent" in file),
            ),
        ),
        too_many=lambda seconds: Answer(
            {"error": {"code": 403, "message": "Slow down", "errors": [{"reason": "rateLimitExceeded"}]}}, 403
        ),
        error=lambda status: {
            "error": {"code": status, "message": "refused", "errors": [{"reason": REASONS.get(status, "backendError")}]}
        },
    )
