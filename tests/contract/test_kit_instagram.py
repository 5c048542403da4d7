"""Instagram passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from social_sla.sources.testkit import ConnectorSuite, KitCase, StreamCase

from tests.support.kit_pages import RecordPage, graph_error, graph_limit, graph_pages, graph_usage
from tests.support.reference import recorded_calls

ACCOUNT = "17841400000000001"
USER = {"id": ACCOUNT, "username": "auroraair", "name": "Aurora Air"}
CUSTOMER = {"id": "7700000000000007", "username": "ana.travels"}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def media(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"1790000000000{number:04d}",
        "caption": "Neue Strecken ✈",
        "timestamp": stamp(at),
        "media_type": "IMAGE",
        "permalink": f"https://www.instagram.com/p/C{number}/",
        "comments_count": 4,
        "username": "auroraair",
    }


def comment(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"1791000000000{number:04d}",
        "text": "Wo ist mein Koffer? 🧳",
        "timestamp": stamp(at),
        "username": CUSTOMER["username"],
        "from": CUSTOMER,
        "hidden": False,
    }


def conversation(number: int, at: datetime) -> dict[str, Any]:
    people = [{"username": "auroraair", "id": ACCOUNT}, {"username": "ana.travels", "id": "8800000000000007"}]
    return {"id": f"aWdfZAG06{number:04d}", "updated_time": stamp(at), "participants": {"data": people}}


def message(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"aWdfZAG1faXR{number:04d}",
        "created_time": stamp(at),
        "from": {"username": "ana.travels", "id": "8800000000000007"},
        "to": {"data": [{"username": "auroraair", "id": ACCOUNT}]},
        "message": "Hallo?",
    }


def recorded(folder: str, *needed: str) -> Callable[[], Sequence[dict[str, Any]]]:
    """The recorded records of a folder for which these fields were asked: lists, single ones, several by their id."""

    def read() -> Sequence[dict[str, Any]]:
        rows: list[Any] = []
        for call in recorded_calls("instagram"):
            body = call["body"]
            if f"instagram/apidata/{folder}" in call["file"]:
                rows += body["data"] if "data" in body else [body] if "id" in body else list(body.values())
        return [row for row in rows if all(name in row for name in ("id", "timestamp", *needed))]

    return read


def listed(stream: str, path: str, record: Callable[[int, datetime], dict[str, Any]], **other: Any) -> StreamCase:
    return StreamCase(stream, f"/v25.0/{path}", record, graph_pages(), newest_first=True, **other)


class TestInstagram(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.instagram:INSTAGRAM",
        account=ACCOUNT,
        base_path="/v25.0",
        streams=(
            StreamCase("accounts", f"/v25.0/{ACCOUNT}", lambda number, at: USER, RecordPage(), is_look_up=True),
            listed("media", f"{ACCOUNT}/media", media, moves=False, recorded=recorded("users/medias")),
            listed("comments", "*/comments", comment, moves=False, recorded=recorded("comments/")),
            listed("tags", f"{ACCOUNT}/tags", media, moves=False, recorded=recorded("users/tagged")),
            listed("conversations", "me/conversations", conversation),
            listed("messages", "*/messages", message, moves=False),
        ),
        rate_headers=graph_usage,
        too_many=graph_limit,
        error=graph_error,
    )
