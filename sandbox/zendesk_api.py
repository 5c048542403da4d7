"""The Zendesk endpoints: incremental exports, lists, and the vendor's ways of paging and refusing."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from sandbox import zendesk_rules
from sandbox.answers import ZENDESK_EMAIL, ZENDESK_TOKEN, Answer, RateMeter
from sandbox.zendesk_store import ZendeskStore, group_json, membership_json

PAGE_ROWS = 1_000
GRACE_SECONDS = 60
AUTHORIZATION = "Basic " + base64.b64encode(f"{ZENDESK_EMAIL}/token:{ZENDESK_TOKEN}".encode()).decode()


class ZendeskApi:
    """Answers GET calls below /api/v2; `end_at` is the first second after the data."""

    def __init__(self, store: ZendeskStore, end_at: int) -> None:
        self.store = store
        self.end_at = end_at
        self.now = end_at + GRACE_SECONDS
        self.meter = RateMeter(700, 60)

    def call(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], base: str) -> Answer:
        """Route one GET call; `base` is the address that links in bodies point to."""
        name = path.removeprefix("/api/v2/").removesuffix(".json")
        if name == "users/me":
            answer = self._me(headers)
        elif headers.get("authorization") != AUTHORIZATION:
            answer = Answer(401, {"error": "Couldn't authenticate you"})
        else:
            answer = self._route(name, query, base)
        remaining, seconds = self.meter.take("account")
        answer.headers |= {
            "x-rate-limit": "700",
            "x-rate-limit-remaining": str(remaining),
            "ratelimit-limit": "700",
            "ratelimit-remaining": str(remaining),
            "ratelimit-reset": str(seconds),
        }
        return answer

    def _route(self, name: str, query: Mapping[str, str], base: str) -> Answer:
        store = self.store
        if name == "incremental/tickets/cursor":
            has_metrics = "metric_sets" in query.get("include", "").split(",")
            return self._by_cursor(
                "tickets", store.tickets, lambda t: t.touched_at, lambda t: t.ticket_id,
                lambda t: store.ticket_json(t, base, has_metrics), query, base,
            )  # fmt: skip
        if name == "incremental/users/cursor":
            return self._by_cursor(
                "users", store.users, lambda p: p.updated_at, lambda p: p.person_id,
                lambda p: store.user_json(p, base), query, base,
            )  # fmt: skip
        if name == "incremental/ticket_events":
            return self._events(query, base)
        if name == "incremental/ticket_metric_events":
            return self._metric_events(query, base)
        if name == "satisfaction_ratings":
            return self._ratings(query, base)
        if name == "deleted_tickets":
            return _listing(name, store.deleted_tickets(self.end_at), query, base)
        if name == "groups":
            return _listing("groups", [group_json(g, base) for g in store.groups], query, base)
        if name == "group_memberships":
            return _listing("group_memberships", [membership_json(m, base) for m in store.memberships], query, base)
        if name == "slas/policies":
            return _listing("sla_policies", zendesk_rules.sla_policies(base), query, base, "slas/policies")
        if name == "business_hours/schedules":
            url = f"{base}/api/v2/business_hours/schedules.json"
            return Answer(200, {"schedules": zendesk_rules.schedules(), "url": url}, rows_key="schedules")
        parts = name.split("/")
        if parts[:2] == ["business_hours", "schedules"] and parts[3:] == ["holidays"] and parts[2].isdigit():
            rows = zendesk_rules.holidays_of(int(parts[2]))
            if rows is not None:
                return Answer(200, {"holidays": rows, "url": f"{base}/api/v2/{name}.json"}, rows_key="holidays")
        return Answer(404, {"error": "RecordNotFound", "description": "Not found"})

    def _me(self, headers: Mapping[str, str]) -> Answer:
        """Who calls: an anonymous call is answered too, with a user without an id."""
        user: dict[str, Any] = {
            "id": None,
            "name": "Anonymous user",
            "email": "invalid@example.com",
            "role": "end-user",
        }
        if headers.get("authorization") == AUTHORIZATION:
            user = {"id": 26_155_000_000_303, "name": "Warehouse reader", "email": ZENDESK_EMAIL, "role": "admin"}
        elif "authorization" in headers:
            return Answer(401, {"error": "Couldn't authenticate you"})
        return Answer(200, {"user": user | {"active": True, "verified": user["id"] is not None}})

    def _start_time(self, query: Mapping[str, str]) -> int | Answer:
        given = query.get("start_time", "")
        if not given.isascii() or not given.isdigit():
            return Answer(422, {"error": "InvalidValue", "description": "start_time must be a Unix time in seconds"})
        if int(given) > self.now - 60:
            text = "Too recent start_time. Use a start_time older than 60 seconds"
            return Answer(400, {"error": "StartTimeTooRecent", "description": text})
        return int(given)

    def _by_cursor(
        self,
        name: str,
        rows: Sequence[Any],
        at: Callable[[Any], int],
        key: Callable[[Any], int],
        render: Callable[[Any], dict[str, Any]],
        query: Mapping[str, str],
        base: str,
    ) -> Answer:
        """Cursor-based export: rows in order of (time, id), the cursor names the last row that was given."""
        size = _size(query, "per_page", PAGE_ROWS)
        if "cursor" in query:
            after = _cursor(query["cursor"])
            if after is None:
                return Answer(422, {"error": "InvalidValue", "description": "The cursor is not valid"})
            begin = bisect_left(rows, (after[0], after[1] + 1), key=lambda row: (at(row), key(row)))
        else:
            start = self._start_time(query)
            if isinstance(start, Answer):
                return start
            begin = bisect_left(rows, start, key=at)
        shown = rows[begin : begin + size]
        cursor = query.get("cursor")
        if shown:
            raw = f"{at(shown[-1])}.0||{key(shown[-1])}|"
            cursor = base64.b64encode(raw.encode()).decode()
        asked = "".join(f"&{k}={quote(query[k], safe='')}" for k in ("include", "per_page") if k in query)
        url = (
            None
            if cursor is None
            else f"{base}/api/v2/incremental/{name}/cursor.json?cursor={quote(cursor, safe='')}{asked}"
        )
        body = {
            name: [render(row) for row in shown],
            "after_url": url,
            "before_url": None,
            "after_cursor": cursor,
            "before_cursor": None,
            "end_of_stream": begin + size >= len(rows),
        }
        return Answer(200, body, rows_key=name)

    def _events(self, query: Mapping[str, str], base: str) -> Answer:
        rows = self.store.events
        has_comments = "comment_events" in query.get("include", "").split(",")
        answer = self._by_time(
            "ticket_events", rows, lambda row: row.step.at,
            lambda index: self.store.event_json(rows[index], has_comments), query, base,
        )  # fmt: skip
        return answer

    def _metric_events(self, query: Mapping[str, str], base: str) -> Answer:
        """As documented: without `end_of_stream`."""
        metrics = self.store.metrics
        answer = self._by_time(
            "ticket_metric_events", metrics.events, lambda event: event.at, metrics.event_json, query, base
        )
        answer.body.pop("end_of_stream", None)
        return answer

    def _by_time(
        self,
        name: str,
        rows: Sequence[Any],
        at: Callable[[Any], int],
        render: Callable[[int], dict[str, Any]],
        query: Mapping[str, str],
        base: str,
    ) -> Answer:
        """Time-based export: rows of one second stay together, so a page may be longer than asked, and the next page,
        which starts at the last second of this one, repeats its rows."""
        size = _size(query, "per_page", PAGE_ROWS)
        start = self._start_time(query)
        if isinstance(start, Answer):
            return start
        begin = bisect_left(rows, start, key=at)
        end = min(begin + size, len(rows))
        # A second with more rows than a page holds must not be given for ever: go on until another second is in.
        while 0 < end < len(rows) and (at(rows[end]) == at(rows[end - 1]) or at(rows[end - 1]) == start):
            end += 1
        end_time = at(rows[end - 1]) if end > begin else start
        asked = {k: query[k] for k in ("include", "per_page") if k in query}
        body = {
            name: [render(index) for index in range(begin, end)],
            "next_page": f"{base}/api/v2/incremental/{name}.json?{urlencode(asked | {'start_time': end_time})}",
            "count": end - begin,
            "end_time": end_time,
            "end_of_stream": end >= len(rows),
        }
        return Answer(200, body, rows_key=name)

    def _ratings(self, query: Mapping[str, str], base: str) -> Answer:
        """Ratings of the legacy survey by the time at which they were made."""
        first, last = query.get("start_time", "0"), query.get("end_time", str(self.end_at))
        if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
            return Answer(422, {"error": "InvalidValue", "description": "start_time must be a Unix time in seconds"})
        rows = self.store.ratings(base, int(first), int(last))
        kept = {name: query[name] for name in ("start_time", "end_time") if name in query}
        return _listing("satisfaction_ratings", rows, query, base, kept=kept)


def _size(query: Mapping[str, str], name: str, most: int) -> int:
    given = query.get(name, str(most))
    return min(most, max(1, int(given))) if given.isascii() and given.isdigit() else most


def _cursor(text: str) -> tuple[int, int] | None:
    """Time and id inside a cursor."""
    try:
        at, _, key = base64.b64decode(text, validate=True).decode().strip("|").partition("||")
        return int(float(at)), int(key)
    except (ValueError, binascii.Error):
        return None


def _listing(
    name: str,
    rows: list[dict[str, Any]],
    query: Mapping[str, str],
    base: str,
    path: str = "",
    kept: Mapping[str, str] | None = None,
) -> Answer:
    """A list with cursor fields when `page[size]` was sent, else with offset fields; `kept` stays in its links."""
    url = f"{base}/api/v2/{path or name}.json"
    others = dict(kept or {})
    if "page[size]" in query:
        size = _size(query, "page[size]", 100)
        after = _cursor(query["page[after]"]) if query.get("page[after]") else (0, 0)
        if after is None:
            return Answer(400, {"error": "InvalidPaginationParameter", "description": "page[after] is not valid"})
        begin = after[0]
        shown = rows[begin : begin + size]
        has_more = begin + size < len(rows)
        cursor = base64.b64encode(f"{begin + len(shown)}||0".encode()).decode() if shown else None
        link = f"{url}?{urlencode({**others, 'page[after]': cursor, 'page[size]': size})}" if has_more else None
        meta = {"has_more": has_more, "after_cursor": cursor, "before_cursor": cursor and query.get("page[after]")}
        return Answer(200, {name: shown, "meta": meta, "links": {"next": link, "prev": None}}, rows_key=name)
    size, page = _size(query, "per_page", 100), _size(query, "page", 10_000) if "page" in query else 1
    shown = rows[(page - 1) * size : page * size]
    body = {
        name: shown,
        "next_page": f"{url}?{urlencode({**others, 'page': page + 1, 'per_page': size})}"
        if page * size < len(rows)
        else None,
        "previous_page": f"{url}?{urlencode({**others, 'page': page - 1, 'per_page': size})}" if page > 1 else None,
        "count": len(rows),
    }
    return Answer(200, body, rows_key=name)
