"""Paging: how an answer names the next page. Strategies, not code per vendor.

Every pager stops on the API's own end marker and on nothing else: never on a short or an empty page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from social_sla.sources.errors import PagingError, ResponseShapeError


@dataclass(frozen=True)
class Next:
    """The next page: a whole URL, or parameters that replace those of the same name."""

    url: str | None = None
    params: Mapping[str, str] | None = None


class Pager(Protocol):
    """Reads one answer's records and its pointer to the next page (None = that was the last)."""

    def items(self, body: Mapping[str, Any]) -> list[dict[str, Any]]: ...

    def following(self, body: Mapping[str, Any]) -> Next | None: ...


def _list(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    records = body.get(key)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ResponseShapeError(
            f"The answer has no list {key!r} (it has: {', '.join(sorted(body)) or 'nothing'}). "
            "The vendor's format has changed, or something between us and it answers instead."
        )
    return records


def _flag(body: Mapping[str, Any], key: str) -> bool:
    value = body.get(key)
    if not isinstance(value, bool):
        raise ResponseShapeError(f"The answer does not say whether it is the last page ({key!r} is {value!r}).")
    return value


@dataclass(frozen=True)
class TokenPager:
    """X: `meta.next_token` goes into a parameter; no token = the end. `data` is missing on an empty page.

    `may_lack_meta` is for look-ups, which have no `meta` and one page.
    """

    parameter: str = "pagination_token"
    may_lack_meta: bool = False

    def items(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        if "data" in body:
            return _list(body, "data")
        if isinstance(body.get("meta"), Mapping) or (self.may_lack_meta and "errors" in body):
            return []
        return _list(body, "data")

    def following(self, body: Mapping[str, Any]) -> Next | None:
        meta = body.get("meta")
        if not isinstance(meta, Mapping):
            if self.may_lack_meta:
                return None
            raise ResponseShapeError("The answer has no 'meta': it does not say whether there is a next page.")
        token = meta.get("next_token")
        return Next(params={self.parameter: str(token)}) if token else None


@dataclass(frozen=True)
class _KeyedPager:
    """Zendesk's lists: the rows stand under a key of the answer."""

    key: str

    def items(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return _list(body, self.key)


@dataclass(frozen=True)
class CursorExportPager(_KeyedPager):
    """Zendesk's incremental exports by cursor: `after_url` until `end_of_stream`."""

    def following(self, body: Mapping[str, Any]) -> Next | None:
        if _flag(body, "end_of_stream"):
            return None
        return Next(url=_pointer(body.get("after_url"), "after_url"))


@dataclass(frozen=True)
class TimeExportPager(_KeyedPager):
    """Zendesk's incremental exports by time: `next_page` until `end_of_stream`. `next_page` is never null."""

    def following(self, body: Mapping[str, Any]) -> Next | None:
        if _flag(body, "end_of_stream"):
            return None
        return Next(url=_pointer(body.get("next_page"), "next_page"))


@dataclass(frozen=True)
class LinksPager(_KeyedPager):
    """Zendesk's cursor lists (`page[size]`): `links.next` while `meta.has_more`."""

    def following(self, body: Mapping[str, Any]) -> Next | None:
        meta, links = body.get("meta"), body.get("links")
        if not isinstance(meta, Mapping):
            raise ResponseShapeError("The answer has no 'meta': it does not say whether there is a next page.")
        if not _flag(meta, "has_more"):
            return None
        return Next(url=_pointer(links.get("next") if isinstance(links, Mapping) else None, "links.next"))


@dataclass(frozen=True)
class NextPagePager(_KeyedPager):
    """Offset lists, and lists of one page: `next_page` until it is null or missing."""

    def following(self, body: Mapping[str, Any]) -> Next | None:
        pointer = body.get("next_page")
        return None if pointer is None else Next(url=_pointer(pointer, "next_page"))


def _pointer(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise PagingError(f"The list goes on, but {name!r} does not say where. Nothing was replaced; try again later.")
    return value


def path_and_params(url: str) -> tuple[str, dict[str, str]]:
    """Path and query of a next-page URL. Its host is left out on purpose: the next page is asked of the connection's
    own host. Vendors name another one (host-mapped accounts), and a secret must not follow a pointer to elsewhere."""
    parts = urlsplit(url)
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))
