"""Paging: how an answer names the next page. Strategies, not code per vendor.

Every pager stops on the API's own end marker and on nothing else: never on a short page, and on an empty one only where
that is the API's end marker (`PageNumberPager`). `rows` is a dotted path to the list of records; the empty path is an
answer that is a bare list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from requests.utils import parse_header_links

from social_sla.sources.errors import PagingError, ResponseShapeError
from social_sla.sources.paths import at

if TYPE_CHECKING:
    from social_sla.sources.base import Request

Params = Mapping[str, "str | tuple[str, ...]"]


@dataclass(frozen=True)
class Next:
    """The next page: a whole URL, or parameters that replace those of the same name.

    `body` is for searches that are asked by POST: dotted paths in the JSON that is sent, and their new values.
    """

    url: str | None = None
    params: Params | None = None
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Page:
    """One answer: its JSON, its headers (names in any case), the request that it answers, how many records it holds."""

    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    request: Request | None = None
    rows: int = 0

    def param(self, name: str) -> str | None:
        value = self.request.params.get(name) if self.request is not None else None
        return value if value is None or isinstance(value, str) else value[-1]


class Pager(Protocol):
    """Reads one answer's records and its pointer to the next page (None = that was the last)."""

    def items(self, body: Any) -> list[dict[str, Any]]: ...

    def following(self, page: Page) -> Next | None: ...


def rows_at(body: Any, path: str) -> list[dict[str, Any]]:
    """The list of records at `path`.

    Raises:
        ResponseShapeError: there is none, or it holds something else than objects.
    """
    records = at(body, path)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        has = ", ".join(sorted(body)) if isinstance(body, Mapping) else f"a JSON {type(body).__name__}"
        raise ResponseShapeError(
            f"The answer has no list {path!r} (it has: {has or 'nothing'}). "
            "The vendor's format has changed, or something between us and it answers instead."
        )
    return records


def _flag(body: Any, path: str) -> bool:
    value = at(body, path)
    if not isinstance(value, bool):
        raise ResponseShapeError(f"The answer does not say whether it is the last page ({path!r} is {value!r}).")
    return value


def _number(body: Any, path: str) -> int:
    value = at(body, path)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ResponseShapeError(f"The answer does not say how much there is ({path!r} is {value!r}).")
    return value


def _pointer(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise PagingError(f"The list goes on, but {name!r} does not say where. Nothing was replaced; try again later.")
    return value


@dataclass(frozen=True)
class _RowsPager:
    rows: str = ""

    def items(self, body: Any) -> list[dict[str, Any]]:
        return rows_at(body, self.rows)


@dataclass(frozen=True)
class SinglePage(_RowsPager):
    """A list that the API gives whole: one page."""

    def following(self, page: Page) -> Next | None:
        return None


@dataclass(frozen=True)
class CursorPager(_RowsPager):
    """A cursor in the body (`cursor`) goes into `parameter`: of the query, or of the JSON that is sent (`in_body`).

    No cursor = the end. `more` is a flag that says so instead (then a cursor is a must while it is true). `missing_is_
    empty`: the list is left out of an empty page. Bluesky `cursor`, YouTube `nextPageToken`, Reddit `data.after`,
    HubSpot `paging.next.after`, Intercom `pages.next.starting_after` into `pagination.starting_after`.
    """

    cursor: str = "cursor"
    parameter: str = "cursor"
    more: str | None = None
    in_body: bool = False
    missing_is_empty: bool = False

    def items(self, body: Any) -> list[dict[str, Any]]:
        if self.missing_is_empty and isinstance(body, Mapping) and at(body, self.rows) is None:
            return []
        return rows_at(body, self.rows)

    def following(self, page: Page) -> Next | None:
        value = at(page.body, self.cursor)
        if self.more is not None:
            if not _flag(page.body, self.more):
                return None
            if value in (None, ""):
                _pointer(None, self.cursor)
        if value in (None, ""):
            return None
        return Next(body={self.parameter: value}) if self.in_body else Next(params={self.parameter: str(value)})


@dataclass(frozen=True)
class NextUrlPager(_RowsPager):
    """A whole URL in the body, until it is null or missing: Graph API `paging.next`, Request Tracker `next_page`.

    `more` is a flag that says whether there is one, for APIs that give a URL at the end too.
    """

    url: str = "next"
    more: str | None = None
    more_means_end: bool = False

    def following(self, page: Page) -> Next | None:
        pointer = at(page.body, self.url)
        if self.more is not None:
            if _flag(page.body, self.more) is self.more_means_end:
                return None
            return Next(url=_pointer(pointer, self.url))
        return None if pointer is None else Next(url=_pointer(pointer, self.url))


@dataclass(frozen=True)
class LinkHeaderPager(_RowsPager):
    """`Link: <…>; rel="next"`, until there is none: Mastodon, Freshdesk."""

    def following(self, page: Page) -> Next | None:
        value = next((value for name, value in page.headers.items() if name.lower() == "link"), "")
        for link in parse_header_links(value):
            if "next" in link.get("rel", "").split():
                return Next(url=_pointer(link.get("url"), "Link"))
        return None


@dataclass(frozen=True)
class PageNumberPager(_RowsPager):
    """Numbered pages, to the API's own end marker: `pages` (their number), `total` (of all records), a flag `more`, or
    else the first empty page. Zammad (empty), Chatwoot (`total` or empty)."""

    parameter: str = "page"
    first: int = 1
    pages: str | None = None
    total: str | None = None
    per_page: str | None = None
    more: str | None = None

    def following(self, page: Page) -> Next | None:
        number = int(page.param(self.parameter) or self.first)
        if self.more is not None:
            goes_on = _flag(page.body, self.more)
        elif self.pages is not None:
            goes_on = number - self.first + 1 < _number(page.body, self.pages)
        elif self.total is not None and self.per_page is not None:
            read = (number - self.first + 1) * int(page.param(self.per_page) or 0)
            goes_on = page.rows > 0 and read < _number(page.body, self.total)
        else:
            goes_on = page.rows > 0
        return Next(params={self.parameter: str(number + 1)}) if goes_on else None


@dataclass(frozen=True)
class OffsetPager(_RowsPager):
    """An offset until `total`, or until an empty page where the API gives no total."""

    parameter: str = "offset"
    total: str | None = None

    def following(self, page: Page) -> Next | None:
        offset = int(page.param(self.parameter) or 0) + page.rows
        if page.rows == 0 or (self.total is not None and offset >= _number(page.body, self.total)):
            return None
        return Next(params={self.parameter: str(offset)})


@dataclass(frozen=True)
class TokenPager:
    """X: `meta.next_token` goes into a parameter; no token = the end. `data` is missing on an empty page.

    `may_lack_meta` is for look-ups, which have no `meta` and one page.
    """

    parameter: str = "pagination_token"
    may_lack_meta: bool = False

    def items(self, body: Any) -> list[dict[str, Any]]:
        if "data" in body:
            return rows_at(body, "data")
        if isinstance(body.get("meta"), Mapping) or (self.may_lack_meta and "errors" in body):
            return []
        return rows_at(body, "data")

    def following(self, page: Page) -> Next | None:
        meta = at(page.body, "meta")
        if not isinstance(meta, Mapping):
            if self.may_lack_meta:
                return None
            raise ResponseShapeError("The answer has no 'meta': it does not say whether there is a next page.")
        token = meta.get("next_token")
        return Next(params={self.parameter: str(token)}) if token else None


def cursor_export(rows: str) -> NextUrlPager:
    """Zendesk's incremental exports by cursor: `after_url` until `end_of_stream`."""
    return NextUrlPager(rows, "after_url", more="end_of_stream", more_means_end=True)


def time_export(rows: str) -> NextUrlPager:
    """Zendesk's incremental exports by time: `next_page` until `end_of_stream`. `next_page` is never null."""
    return NextUrlPager(rows, "next_page", more="end_of_stream", more_means_end=True)


def cursor_links(rows: str) -> NextUrlPager:
    """Zendesk's cursor lists (`page[size]`): `links.next` while `meta.has_more`."""
    return NextUrlPager(rows, "links.next", more="meta.has_more")


def next_page(rows: str) -> NextUrlPager:
    """Offset lists, and lists of one page: `next_page` until it is null or missing."""
    return NextUrlPager(rows, "next_page")


def graph_edge(rows: str = "data") -> NextUrlPager:
    """Graph API: `paging.next`; no `paging` = the end. Also for edges nested in a record (`ReadContext.nested`)."""
    return NextUrlPager(rows, "paging.next")


def path_and_params(url: str) -> tuple[str, dict[str, str | tuple[str, ...]]]:
    """Path and query of a next-page URL. Its host is left out on purpose: the next page is asked of the connection's
    own host. Vendors name another one (host-mapped accounts), and a secret must not follow a pointer to elsewhere."""
    parts = urlsplit(url)
    params: dict[str, str | tuple[str, ...]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        known = params.get(name)
        params[name] = value if known is None else (*((known,) if isinstance(known, str) else known), value)
    return parts.path, params
