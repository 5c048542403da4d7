"""How a vendor serves its lists. Written apart from the pagers: the kit holds one against the other.

Cursors name the last row that was given, as real ones do: rows that move meanwhile shift nothing. Numbers and offsets
count, and shift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from social_sla.sources.paths import at, put
from social_sla.sources.testkit.server import Answer, Call

Beside = Callable[[Call, list[dict[str, Any]], bool], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """The vendor's record number `number`, as it is since `at`."""

    number: int
    at: datetime
    record: dict[str, Any]


@dataclass(frozen=True)
class Serving:
    """How a list is served just now. `ends_empty`: the last page that has rows still points to one that has none."""

    size: int
    newest_first: bool = False
    ends_empty: bool = False
    url: str = ""


def _nothing(_: Call, __: list[dict[str, Any]], ___: bool) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Pages:
    """`rows` is the dotted path of the list in the answer ("" = a bare list); `beside` makes what else the answer holds
    (of the call, the records shown, whether there is more), at dotted paths."""

    rows: str = ""
    beside: Beside = _nothing

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        raise NotImplementedError

    def body(self, call: Call, shown: Sequence[Row], goes_on: bool, more: Mapping[str, Any]) -> Any:
        records = [row.record for row in shown]
        if not self.rows:
            return records
        body: dict[str, Any] = put({}, self.rows, records)
        for path, value in {**more, **self.beside(call, records, goes_on)}.items():
            body = put(body, path, value)
        return body


def sent(call: Call, name: str) -> Any:
    """A parameter of the query, or what lies at a dotted path of the JSON that was POSTed."""
    return at(call.json, name) if call.json is not None else call.params.get(name)


def _after(cursor: Any, rows: Sequence[Row], serving: Serving) -> tuple[list[Row], str | None]:
    """The rows behind a cursor, and the next cursor."""
    sign = -1 if serving.newest_first else 1

    def key(row: Row) -> tuple[float, int]:
        return sign * row.at.timestamp(), sign * row.number

    ordered = sorted(rows, key=key)
    if cursor:
        place, _, number = str(cursor).removeprefix("c").partition("n")
        ordered = [row for row in ordered if key(row) > (float(place), int(number))]
    shown = ordered[: serving.size]
    goes_on = len(ordered) > serving.size or (serving.ends_empty and bool(shown))
    token = f"c{key(shown[-1])[0]!r}n{key(shown[-1])[1]}" if shown else None
    return shown, token if goes_on else None


@dataclass(frozen=True)
class CursorPages(Pages):
    """A cursor at `told` in the answer, sent back as `sent` (a parameter, or a dotted path where the list is POSTed).

    `told_at_end`: an end still tells null. `flag`: a boolean that says whether there is more.
    """

    sent: str = "cursor"
    told: str = "cursor"
    told_at_end: bool = False
    flag: str = ""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        shown, token = _after(sent(call, self.sent), rows, serving)
        more: dict[str, Any] = {self.told: token} if token is not None or self.told_at_end else {}
        if self.flag:
            more[self.flag] = token is not None
        return Answer(self.body(call, shown, token is not None, more))


@dataclass(frozen=True)
class UrlPages(Pages):
    """A whole URL at `told`, with the cursor (or, `numbered`, the page's number) in `parameter`.

    `flag` is a boolean at the end marker's path, `flag_means_more` says which way; `told_at_end`: null at the end,
    `pointer_at_end`: a URL even there (Zendesk's exports). `host` stands in the URL in place of the fake's own.
    """

    told: str = "next"
    parameter: str = "cursor"
    numbered: bool = False
    flag: str = ""
    flag_means_more: bool = True
    told_at_end: bool = True
    pointer_at_end: bool = False
    host: str = ""
    secret: str = ""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        if self.numbered:
            shown, token = _numbered(call, self.parameter, 1, rows, serving)
        else:
            shown, token = _after(call.params.get(self.parameter), rows, serving)
        goes_on = token is not None
        params = {name: value for name, value in call.query if name != self.parameter}
        if self.secret:
            params["access_token"] = self.secret
        url = f"{self.host or serving.url}{call.path}?{urlencode({**params, self.parameter: token or 'end'})}"
        more: dict[str, Any] = {}
        if goes_on or self.pointer_at_end:
            more[self.told] = url
        elif self.told_at_end:
            more[self.told] = None
        if self.flag:
            more[self.flag] = goes_on is self.flag_means_more
        return Answer(self.body(call, shown, goes_on, more))


@dataclass(frozen=True)
class LinkPages(Pages):
    """`Link: <…>; rel="next"` with the cursor (or, `numbered`, the page's number) in `parameter`."""

    parameter: str = "max_id"
    numbered: bool = False

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        if self.numbered:
            shown, token = _numbered(call, self.parameter, 1, rows, serving)
        else:
            shown, token = _after(call.params.get(self.parameter), rows, serving)
        kept = [(name, value) for name, value in call.query if name != self.parameter]
        links = [f'<{serving.url}{call.path}?{urlencode([*kept, ("min_id", "x")])}>; rel="prev"']
        if token is not None:
            links.insert(0, f'<{serving.url}{call.path}?{urlencode([*kept, (self.parameter, token)])}>; rel="next"')
        return Answer(self.body(call, shown, token is not None, {}), headers={"Link": ", ".join(links)})


@dataclass(frozen=True)
class NumberPages(Pages):
    """Numbered pages. `pages`, `total`: dotted paths of their number and of the records' number; else an empty page
    is the end. `flag`: a boolean that says whether there is more."""

    parameter: str = "page"
    first: int = 1
    pages: str = ""
    total: str = ""
    flag: str = ""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        shown, token = _numbered(call, self.parameter, self.first, rows, serving)
        more: dict[str, Any] = {}
        if self.pages:
            more[self.pages] = -(-len(rows) // serving.size) + (1 if serving.ends_empty else 0)
        if self.total:
            more[self.total] = len(rows)
        if self.flag:
            more[self.flag] = token is not None
        return Answer(self.body(call, shown, token is not None, more))


@dataclass(frozen=True)
class OffsetPages(Pages):
    """An offset in `parameter`; `total` is the dotted path of the records' number ("" = an empty page is the end)."""

    parameter: str = "offset"
    total: str = "total"

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        begin = int(sent(call, self.parameter) or 0)
        ordered = _ordered(rows, serving)
        shown = ordered[begin : begin + serving.size]
        more: dict[str, Any] = {self.total: len(rows)} if self.total else {}
        return Answer(self.body(call, shown, begin + len(shown) < len(ordered), more))


@dataclass(frozen=True)
class WholePage(Pages):
    """Everything at once: an API that does not page here."""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        return Answer(self.body(call, _ordered(rows, serving), False, {}))


def _ordered(rows: Sequence[Row], serving: Serving) -> list[Row]:
    return sorted(rows, key=lambda row: (row.at, row.number), reverse=serving.newest_first)


def _numbered(
    call: Call, parameter: str, first: int, rows: Sequence[Row], serving: Serving
) -> tuple[list[Row], str | None]:
    number = int(sent(call, parameter) or first)
    begin = (number - first) * serving.size
    shown = _ordered(rows, serving)[begin : begin + serving.size]
    goes_on = begin + serving.size < len(rows) or (serving.ends_empty and bool(shown))
    return shown, str(number + 1) if goes_on else None
