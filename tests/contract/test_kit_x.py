"""X passes the kit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from social_sla.sources.testkit import Call, ConnectorSuite, CursorPages, KitCase, OpenApi, StreamCase, WholePage
from social_sla.sources.testkit.headers import epoch_headers

from tests.support.reference import reference_file
from tests.support.vendor_shapes import X_ACCOUNT, tweet

FIRST = 1_960_000_000_000_000_000


def post(number: int, at: datetime) -> dict[str, Any]:
    return tweet(FIRST + number, int(at.timestamp()), FIRST)


def count(call: Call, rows: list[dict[str, Any]], goes_on: bool) -> dict[str, Any]:
    return {"meta.result_count": len(rows)}


def posts(stream: str, path: str, token: str) -> StreamCase:
    """Newest first, by creation: an edit makes a post of its own."""
    pages = CursorPages("data", sent=token, told="meta.next_token", beside=count)
    return StreamCase(stream, path, post, pages, newest_first=True, moves=False)


class TestX(ConnectorSuite):
    case = KitCase(
        "social_sla.sources.x:X",
        streams=(
            StreamCase("accounts", "/2/users/by", lambda number, at: X_ACCOUNT, WholePage("data"), is_look_up=True),
            posts("mentions", "/2/users/*/mentions", "pagination_token"),
            posts("tweets", "/2/users/*/tweets", "pagination_token"),
            posts("conversations", "/2/tweets/search/recent", "next_token"),
        ),
        rate_headers=epoch_headers("x-rate-limit"),
        # Version 2.167 of the file calls the parameter after posts; X's pages and answers say tweet.
        spec=OpenApi(lambda: [reference_file("specs", "x", "openapi.json")], renamed={"tweet.fields": "post.fields"}),
    )
