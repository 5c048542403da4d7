"""Readers that most streams need, made from a few words: lists by time, snapshots, feeds, what lies below a parent.

A reader yields raw records. It may yield too much: what lies outside the window is left out, and a row that comes twice
lands once. It must never yield too little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from urllib.parse import quote

from social_sla.sources.base import JsonObject, ReadContext, Reader, Request
from social_sla.sources.errors import IncompleteListingError
from social_sla.sources.instants import instant_of
from social_sla.sources.paging import Pager, Params
from social_sla.sources.paths import at, put

Clock = Callable[[datetime], str]
MakeRequest = Callable[[ReadContext, datetime], Request]


class Order(Enum):
    """In which order a list comes, by the stream's `updated_path`."""

    ANY = "any"
    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"


def iso(moment: datetime) -> str:
    """`2026-03-01T00:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_millis(moment: datetime) -> str:
    """`2026-03-01T00:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def epoch(moment: datetime) -> str:
    """Seconds since 1970."""
    return str(int(moment.timestamp()))


def epoch_millis(moment: datetime) -> str:
    """Milliseconds since 1970."""
    return str(int(moment.timestamp()) * 1_000)


def day(moment: datetime) -> str:
    """`2026-03-01`, the UTC date: for filters that know days only."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def listing(
    params: Params | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    clock: Clock = iso,
    overlap: timedelta = timedelta(0),
    order: Order = Order.ANY,
    patience: int = 1,
    request: MakeRequest | None = None,
    pager: Pager | None = None,
) -> Reader:
    """A list, page by page: a snapshot, a search, a feed.

    Args:
        params: of every request; `{account}` in a value is the account.
        since, until: the names of the list's time filters, written by `clock`; the window's bounds go into them.
        overlap: how much before the window's start `since` begins, where the filter is coarse or its index lags.
        order: NEWEST_FIRST ends after `patience` pages that lie wholly before the window, OLDEST_FIRST after as many
            that lie wholly past it. Only for lists that are really ordered by the stream's `updated_path`.
        request: makes the first request from the context and the (overlapped) start, where parameters are not enough
            (a search by POST).
    """

    def read(context: ReadContext) -> Iterator[JsonObject]:
        start = context.window.start - overlap
        first = request(context, start) if request else _request(context, params, since, until, clock, start)
        idle = 0
        for page in context.pages(first, pager):
            yield from page
            idle = idle + 1 if page and _is_past(context, page, order, start) else 0
            if idle >= patience:
                return

    return read


def keyset(
    params: Params | None = None,
    *,
    since: str = "",
    clock: Clock = iso,
    overlap: timedelta = timedelta(0),
    step: timedelta = timedelta(seconds=1),
    pages_at_once: int = 1,
    request: MakeRequest | None = None,
    pager: Pager | None = None,
) -> Reader:
    """A list that is filtered from a time on and comes oldest first, asked anew from the last time that was seen.

    For numbered pages and offsets over records that change while they are read: there a record that moves to the end
    pulls the others back over the border of a page, and one is missed. Asking again from the last time misses none,
    and never comes to a cap on pages (Freshdesk 300) or results (HubSpot 10,000). Rows of the border come twice and
    land once. Where all of `pages_at_once` pages have one and the same time, the next page of them is asked for.

    Args:
        since: the name of the time filter (inclusive), written by `clock`, which knows times in steps of `step`.
        request: as for `listing`.
    """

    def read(context: ReadContext) -> Iterator[JsonObject]:
        start = context.window.start - overlap
        while True:
            first = request(context, start) if request else _request(context, params, since, None, clock, start)
            newest = start
            pages = context.client.marked_pages(first, pager or context.stream.pager)
            for number, (page, is_last) in enumerate(pages, start=1):
                yield from page
                times = _times(context, page)
                if is_last or (times and min(times) >= context.window.end):
                    return
                newest = max([newest, *times])
                if number >= pages_at_once and _floor(newest, step) > start:
                    break
            start = _floor(newest, step)

    return read


def children(
    parent: str,
    path: str,
    *,
    key: str,
    of: str = "id",
    params: Params | None = None,
    pager: Pager | None = None,
    parents: Callable[[ReadContext], Iterable[JsonObject]] | None = None,
    only: Callable[[JsonObject], bool] | None = None,
    nested: Mapping[str, Pager] | None = None,
    nested_key: str = "parent_id",
    gone_is_empty: bool = True,
) -> Reader:
    """What lies below the records of another stream: one list a parent.

    The parents are those that were landed for the same window (declare the stream WITH_PARENTS, and `depends_on` the
    parent's); `parents` gives others. Each record gets one key in front, `key`: the parent's id, which vendors leave
    out.

    Args:
        path: of the list below a parent, with `{id}` for the parent's value at the path `of`.
        only: which parents have a list (others are not asked for).
        nested: lists inside the records (Graph API: `{"replies": graph_edge()}`): their records come too, with the
            record's own id at `nested_key`, and with all pages that follow.
        gone_is_empty: a parent that was deleted meanwhile has nothing below it.
    """

    def read(context: ReadContext) -> Iterator[JsonObject]:
        for found in parents(context) if parents else context.landed(parent):
            if only is not None and not only(found):
                continue
            value = at(found, of)
            address = path.format(id=quote(str(value), safe=""), account=context.account)
            for record in context.rows(Request(address, dict(params or {})), pager, gone_is_empty=gone_is_empty):
                yield {key: value, **record}
                for name, edge in (nested or {}).items():
                    for inner in context.nested(at(record, name), edge):
                        yield {key: value, nested_key: at(record, of), **inner}

    return read


def capped(reader: Reader, most: int, what: str) -> Reader:
    """`reader`, refused where it yields `most` records or more: the vendor ends that list there without saying so."""

    def read(context: ReadContext) -> Iterator[JsonObject]:
        for number, record in enumerate(reader(context), start=1):
            if number >= most:
                raise IncompleteListingError(
                    f"{context.source.title} gives no more than {most} {what} at once, and there may be more in the "
                    "window. Nothing was replaced: extract shorter windows."
                )
            yield record

    return read


def when_asked(option: str, reader: Reader) -> Reader:
    """`reader` where the connection's extra says so (`{option: true}`), else nothing: for what many plans lack."""

    def read(context: ReadContext) -> Iterator[JsonObject]:
        if context.client.credentials.extra.get(option) in (True, "true"):
            yield from reader(context)

    return read


def in_body(request: Request, path: str, value: Any) -> Request:
    """`request` with `value` at `path` of the JSON that is sent."""
    return Request(request.path, request.params, put(request.json or {}, path, value))


def _request(
    context: ReadContext, params: Params | None, since: str | None, until: str | None, clock: Clock, start: datetime
) -> Request:
    asked: dict[str, str | tuple[str, ...]] = {
        name: value.replace("{account}", context.account) if isinstance(value, str) else value
        for name, value in (params or {}).items()
    }
    if since:
        asked[since] = clock(start)
    if until:
        asked[until] = clock(context.window.end)
    return Request(context.stream.endpoint.format(account=quote(context.account, safe="")), asked)


def _times(context: ReadContext, page: Iterable[JsonObject]) -> list[datetime]:
    """The update times of a page's records, as far as they have one."""
    path = context.stream.updated_path
    found = []
    for record in page:
        try:
            value = at(record, path) if path else None
            if value is not None:
                found.append(instant_of(value))
        except (ValueError, OverflowError, OSError):
            continue
    return found


def _is_past(context: ReadContext, page: list[JsonObject], order: Order, start: datetime) -> bool:
    times = _times(context, page)
    if order is Order.ANY or not times:
        return False
    if order is Order.NEWEST_FIRST:
        return max(times) < start
    return min(times) >= context.window.end


def _floor(moment: datetime, step: timedelta) -> datetime:
    """The last whole `step` at or before `moment`."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return moment - since % step
