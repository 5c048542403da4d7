"""Reddit passes the kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from social_sla.sources.testkit import (
    Answer,
    Call,
    ConnectorSuite,
    CursorPages,
    FakeVendor,
    KitCase,
    StreamCase,
    WholePage,
)
from social_sla.sources.testkit.case import SECRET
from social_sla.sources.testkit.headers import seconds_headers
from social_sla.sources.testkit.pages import Pages, Row, Serving

from tests.support.kit_pages import RecordPage
from tests.support.reference import recorded_calls

ACCOUNT = "AuroraAir"
ME = {"id": "4711aa", "name": ACCOUNT, "created_utc": 1_500_000_000.0}
THREAD = "abc123"
SHOWN = 2


def thing(kind: str, number: int, at: datetime, **other: Any) -> dict[str, Any]:
    data = {"name": f"{kind}_m{number:04d}", "id": f"m{number:04d}", "author": "ana_travels", "edited": False}
    return {"kind": kind, "data": {**data, "created_utc": at.timestamp(), **other}}


def reply(number: int, at: datetime) -> dict[str, Any]:
    """Of the inbox: no link_id there."""
    context = f"/r/travel/comments/{THREAD}/where_is_my_bag/m{number:04d}/?context=3"
    return thing(
        "t1", number, at, body="u/AuroraAir wo? 🧳", context=context, type="username_mention", subreddit="travel"
    )


def comment(number: int, at: datetime, **other: Any) -> dict[str, Any]:
    parent = {"link_id": f"t3_{THREAD}", "parent_id": f"t3_{THREAD}", "replies": ""}
    return thing("t1", number, at, **{"body": "Wo ist mein Koffer?", **parent, **other})


def submission(number: int, at: datetime) -> dict[str, Any]:
    return thing("t3", number, at, name=f"t3_{THREAD}{number}" if number else f"t3_{THREAD}", title="AMA", selftext="")


def private(number: int, at: datetime) -> dict[str, Any]:
    return thing("t4", number, at, body="Hello", dest="ana_travels", subject="Bag", first_message_name=None)


def conversation(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"g4{number:04d}",
        "lastUpdated": at.isoformat(),
        "isInternal": False,
        "participant": {"name": "ana_travels", "id": 561_251_419_067, "isMod": False},
        "owner": {"displayName": "AuroraAir", "type": "subreddit", "id": "t5_2aurora"},
        "state": 0,
    }


def modmail(number: int, at: datetime) -> dict[str, Any]:
    author = {"name": "ana_travels", "id": 561_251_419_067, "isMod": False, "isDeleted": False}
    return {
        "id": f"p9{number:04d}",
        "date": at.isoformat(),
        "author": author,
        "isInternal": False,
        "body": "<p>Hello</p>",
    }


def listing(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": None, "children": rows}}


@dataclass(frozen=True)
class ThreadPages(WholePage):
    """A thread shows two comments, one below the other; the rest is behind stubs."""

    kept: list[Row] = field(default_factory=list)

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        self.kept[:] = rows
        things = [row.record for row in rows]
        below: list[dict[str, Any]] = []
        if len(things) > SHOWN:
            below = [stub([row["data"]["id"] for row in things[SHOWN:]])]
        for shown in reversed(things[:SHOWN]):
            below = [{**shown, "data": {**shown["data"], "replies": listing(below) if below else ""}}]
        return Answer([listing([]), listing(below)])

    def more(self, call: Call) -> Answer:
        """Two of what is asked for, and a stub for the rest."""
        ids = call.params["children"].split(",")
        found = [row.record for row in self.kept if row.record["data"]["id"] in ids[:SHOWN]]
        things = [*found, *([stub(ids[SHOWN:])] if ids[SHOWN:] else [])]
        return Answer({"json": {"errors": [], "data": {"things": things}}})


def stub(ids: list[str]) -> dict[str, Any]:
    return {"kind": "more", "data": {"count": len(ids), "id": ids[0], "parent_id": f"t3_{THREAD}", "children": ids}}


@dataclass(frozen=True)
class ModmailPages(Pages):
    """Conversations by id; the next page is behind the id of the last one, and the end is an empty page."""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        ordered = [row.record for row in sorted(rows, key=lambda row: (row.at, row.number), reverse=True)]
        ids = [record["id"] for record in ordered]
        begin = ids.index(call.params["after"]) + 1 if "after" in call.params else 0
        shown = ordered[begin : begin + serving.size]
        body = {"conversations": {record["id"]: record for record in shown}, "messages": {}, "viewerId": ""}
        return Answer({**body, "conversationIds": [record["id"] for record in shown]})


@dataclass(frozen=True)
class MessagesById(WholePage):
    """A conversation with its messages by id."""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        return Answer(
            {"conversation": {}, "messages": {row.record["id"]: row.record for row in rows}, "modActions": {}}
        )


def recorded_things(*paths: str) -> Callable[[], Sequence[dict[str, Any]]]:
    """Recorded things of the listings below these paths."""

    def read() -> Sequence[dict[str, Any]]:
        bodies = [
            call["body"]
            for call in recorded_calls("reddit")
            if call["status"] == 200 and any(f"oauth.reddit.com{path}" in call["url"] for path in paths)
        ]
        listings = [part for body in bodies for part in (body if isinstance(body, list) else [body])]
        rows = [row for part in listings for row in part["data"]["children"]]
        return [row for row in rows if row["kind"] != "more"]

    return read


def recorded_modmail(key: str) -> Callable[[], Sequence[dict[str, Any]]]:
    """The recorded conversations, or their messages."""

    def read() -> Sequence[dict[str, Any]]:
        bodies = [call["body"] for call in recorded_calls("reddit") if "/api/mod/conversations/" in call["url"]]
        return [body[key] if key == "conversation" else row for body in bodies for row in (body["messages"].values())]

    return read


def routes(vendor: FakeVendor) -> None:
    def log_in(call: Call) -> Answer:
        assert call.form == {"grant_type": "refresh_token", "refresh_token": f"{SECRET}-refresh"}
        return Answer(
            {
                "access_token": "token-of-one-day-4711",
                "expires_in": 86_400,
                "scope": "identity read",
                "token_type": "bearer",
            }
        )

    vendor.on("/api/v1/access_token", log_in)
    vendor.on("/api/info", Answer(listing([])))


def things(stream: str, path: str, record: Callable[[int, datetime], dict[str, Any]], **other: Any) -> StreamCase:
    pages = CursorPages("data.children", sent="after", told="data.after", told_at_end=True)
    return StreamCase(stream, path, record, pages, newest_first=True, moves=False, **other)


THREADS = ThreadPages()


class TestReddit(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.reddit:REDDIT",
        account=ACCOUNT,
        login="client-id-of-the-app",
        extra={"refresh_token": "{secret}-refresh"},
        streams=(
            StreamCase("accounts", "/api/v1/me", lambda number, at: ME, RecordPage(), is_look_up=True),
            things("inbox", "/message/inbox", reply, recorded=recorded_things("/message/inbox", "/message/comments")),
            things("sent", "/message/sent", private, recorded=recorded_things("/message/sent")),
            things("comments", "/user/AuroraAir/comments", comment, recorded=recorded_things("/r/")),
            things("submissions", "/user/AuroraAir/submitted", submission),
            StreamCase(
                "threads",
                "/comments/*",
                comment,
                THREADS,
                moves=False,
                ends_empty=False,
                tombstone=lambda number, at: comment(number, at, body="[deleted]", author="[deleted]"),
                routes=lambda vendor: vendor.on("/api/morechildren", THREADS.more),
                recorded=recorded_things("/comments/"),
            ),
            StreamCase(
                "modmail_conversations",
                "/api/mod/conversations",
                conversation,
                ModmailPages(),
                newest_first=True,
                recorded=recorded_modmail("conversation"),
            ),
            StreamCase(
                "modmail_messages",
                "/api/mod/conversations/*",
                modmail,
                MessagesById(),
                moves=False,
                ends_empty=False,
                recorded=recorded_modmail("messages"),
            ),
        ),
        routes=routes,
        rate_headers=seconds_headers("x-ratelimit"),
        error=lambda status: {"message": "Forbidden", "error": status},
    )
