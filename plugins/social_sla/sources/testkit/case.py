"""What a connector tells the kit about its vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from social_sla.sources.base import Credentials, JsonObject, Source
from social_sla.sources.instants import instant_of
from social_sla.sources.paths import at
from social_sla.sources.testkit.openapi import Lexicons, OpenApi
from social_sla.sources.testkit.pages import Pages, Row, sent
from social_sla.sources.testkit.server import Answer, Call, FakeVendor

SECRET = "kit-s3cr3t-t0ken-0815-4711"  # noqa: S105 - invented
START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=1)

Visible = Callable[[Call, Sequence[Row]], list[Row]]


def since(name: str, *, strict: bool = False) -> Visible:
    """A list's time filter: rows that changed at or (`strict`) after the time in the parameter (or JSON) `name`."""

    def visible(call: Call, rows: Sequence[Row]) -> list[Row]:
        value = sent(call, name)
        if value is None:
            return list(rows)
        text = str(value)
        first = instant_of(float(text)) if text.replace(".", "").isdigit() else instant_of(text)
        return [row for row in rows if row.at > first or (row.at == first and not strict)]

    return visible


def _all(_: Call, rows: Sequence[Row]) -> list[Row]:
    return list(rows)


@dataclass(frozen=True)
class StreamCase:
    """One stream as the vendor serves it.

    Args:
        stream: its name.
        path: of its list; a glob where the path holds ids. Where several paths fit (one a parent), the first that is
            asked for has all rows and the others are empty.
        record: makes the vendor's record number n, last changed at an instant; the shape as documented or recorded.
        pages: how the list is paged.
        newest_first: the list's order by time.
        visible: which rows a call sees (`since("updated_since")`); default all.
        moves: whether a record that changes moves to the newer end of the list. False for lists by creation.
        ends_empty: whether this API can end with an empty page.
        is_look_up: the stream asks for one record, which is there (an account by its name): no paging.
        tombstone: makes record number n as it looks when deleted (streams that declare a field for that).
        recorded: recorded records of the vendor; it may skip the test where there are none at hand.
        routes: what else the stream asks, put into the fake.
    """

    stream: str
    path: str
    record: Callable[[int, datetime], JsonObject]
    pages: Pages
    newest_first: bool = False
    visible: Visible = _all
    moves: bool = True
    ends_empty: bool = True
    is_look_up: bool = False
    tombstone: Callable[[int, datetime], JsonObject] | None = None
    recorded: Callable[[], Sequence[JsonObject]] | None = None
    routes: Callable[[FakeVendor], None] = lambda vendor: None


def _no_headers(_: int, __: float, ___: float) -> dict[str, str]:
    return {}


def _too_many(seconds: float) -> Answer:
    return Answer({"error": "too many calls"}, 429, {"Retry-After": str(max(1, round(seconds + 0.5)))})


@dataclass(frozen=True)
class KitCase:
    """A connector and its vendor.

    Args:
        source: where the declaration is: `social_sla.sources.x:X`.
        streams: all streams of the source.
        account: as channels.yaml names it.
        login, extra: of the connection; its password is the kit's secret. Text in `extra` may hold `{secret}`.
        base_path: what the connection's host has behind the fake's address (`/v23.0`).
        routes: what is asked besides the streams' lists: look-ups, logins.
        probe: calls that the check makes, answered well (paths and answers); they are routes too.
        rate_headers: what every answer tells of the limit, of the calls left, the epoch of the renewal and now.
        too_many: the refusal, of the seconds to wait.
        error: body of a refusal by status.
        spec: the vendor's specification, where there is one.
    """

    source: str
    streams: tuple[StreamCase, ...]
    account: str = "AuroraAir"
    login: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    base_path: str = ""
    routes: Callable[[FakeVendor], None] = lambda vendor: None
    rate_headers: Callable[[int, float, float], dict[str, str]] = _no_headers
    too_many: Callable[[float], Answer] = _too_many
    error: Callable[[int], Any] = lambda status: {"error": f"status {status}", "message": "refused by the kit"}
    spec: OpenApi | Lexicons | None = None

    @property
    def declared(self) -> Source:
        """The declaration."""
        module, _, name = self.source.partition(":")
        source: Source = getattr(import_module(module), name)
        return source

    def credentials(self, url: str, **extra: Any) -> Credentials:
        """The connection, with the fake as host."""
        given = {
            name: value.replace("{secret}", SECRET) if isinstance(value, str) else value
            for name, value in self.extra.items()
        }
        name = f"{self.declared.name}_kit"
        return Credentials(name, url + self.base_path, self.login, SECRET, {**given, **extra})

    def of(self, stream: str) -> StreamCase:
        """The case of a stream."""
        return next(case for case in self.streams if case.stream == stream)


def required_of(case: KitCase, stream: str) -> list[str]:
    """Required paths of a stream that a record can lose (all but its id)."""
    declared = next(found for found in case.declared.streams if found.name == stream)
    return [path for path in declared.required if path != declared.record_id]


def without(record: JsonObject, path: str) -> JsonObject:
    """A copy of a record without what is at a dotted path."""
    name, _, rest = path.partition(".")
    if not rest:
        return {key: value for key, value in record.items() if key != name}
    inner = at(record, name)
    return {**record, name: without(inner, rest)} if isinstance(inner, dict) else record
