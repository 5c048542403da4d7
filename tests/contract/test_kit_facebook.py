"""Facebook Pages pass the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from social_sla.sources.testkit import ConnectorSuite, KitCase, StreamCase

from tests.support.kit_pages import RecordPage, graph_error, graph_limit, graph_pages, graph_usage
from tests.support.reference import recorded_calls

ACCOUNT = "2121008000000001"
PAGE = {"id": ACCOUNT, "name": "Aurora Air", "username": "AuroraAir", "link": "https://www.facebook.com/AuroraAir"}
CUSTOMER = {"name": "Ana Example", "id": "7700000000000007"}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def post(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"{ACCOUNT}_{9_000 + number}",
        "from": {"name": "Aurora Air", "id": ACCOUNT},
        "message": "Neue Strecken ✈",
        "created_time": stamp(at),
        "updated_time": stamp(at),
        "status_type": "mobile_status_update",
    }


def comment(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "id": f"9000_{500 + number}",
        "from": CUSTOMER,
        "message": "Wo ist mein Koffer? 🧳",
        "created_time": stamp(at),
        "comment_count": 0,
        **other,
    }


def conversation(number: int, at: datetime) -> dict[str, Any]:
    people = [
        {"name": "Ana Example", "email": "7@facebook.com", "id": "70000000007"},
        {"name": "Aurora Air", "id": ACCOUNT},
    ]
    return {"id": f"t_{100 + number}", "updated_time": stamp(at), "participants": {"data": people}, "message_count": 4}


def message(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"m_{number:04d}",
        "created_time": stamp(at),
        "from": {"name": "Ana Example", "email": "7@facebook.com", "id": "70000000007"},
        "to": {"data": [{"name": "Aurora Air", "email": "p@facebook.com", "id": ACCOUNT}]},
        "message": "Hallo?",
        "tags": {"data": [{"name": "inbox"}, {"name": "source:mobile"}]},
    }


def review(number: int, at: datetime) -> dict[str, Any]:
    return {
        "created_time": stamp(at),
        "has_review": True,
        "recommendation_type": "negative",
        "review_text": "Zwei Stunden gewartet.",
        "reviewer": {"id": f"77{number:06d}", "name": "Ana Example"},
        "open_graph_story": {"id": f"88{number:06d}"},
    }


def recorded(folder: str, *needed: str) -> Callable[[], Sequence[dict[str, Any]]]:
    """The recorded records of a folder for which these fields were asked: lists, single ones, several by their id."""

    def read() -> Sequence[dict[str, Any]]:
        rows: list[Any] = []
        for call in recorded_calls("facebook"):
            body = call["body"]
            if f"apidata/{folder}/" in call["file"]:
                rows += body["data"] if "data" in body else [body] if "id" in body else list(body.values())
        return [row for row in rows if all(name in row for name in ("id", "created_time", *needed))]

    return read


def threads() -> Sequence[dict[str, Any]]:
    """Recorded conversations have a time of change only."""
    bodies = [call["body"] for call in recorded_calls("facebook") if "apidata/conversations/" in call["file"]]
    return [row for body in bodies for row in ([body] if "id" in body else body.values())]


def listed(stream: str, path: str, record: Callable[[int, datetime], dict[str, Any]], **other: Any) -> StreamCase:
    return StreamCase(stream, f"/v25.0/{path}", record, graph_pages(), newest_first=True, **other)


class TestFacebook(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.facebook:FACEBOOK",
        account=ACCOUNT,
        base_path="/v25.0",
        extra={"app_secret": "{secret}-of-the-app"},
        streams=(
            StreamCase("accounts", f"/v25.0/{ACCOUNT}", lambda number, at: PAGE, RecordPage(), is_look_up=True),
            listed("posts", f"{ACCOUNT}/feed", post, moves=False, recorded=recorded("posts", "updated_time")),
            listed("tagged", f"{ACCOUNT}/tagged", post, moves=False),
            listed("comments", "*/comments", comment, moves=False, recorded=recorded("comments")),
            listed("conversations", f"{ACCOUNT}/conversations", conversation, recorded=threads),
            listed("messages", "*/messages", message, moves=False, recorded=recorded("messages")),
            listed("reviews", f"{ACCOUNT}/ratings", review, moves=False),
            listed("review_comments", "*/comments", comment, moves=False),
        ),
        rate_headers=graph_usage,
        too_many=graph_limit,
        error=graph_error,
    )
