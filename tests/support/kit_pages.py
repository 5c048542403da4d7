"""How some vendors serve what is no list, for the kit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from social_sla.sources.testkit import Answer, Call, UrlPages, WholePage
from social_sla.sources.testkit.case import SECRET
from social_sla.sources.testkit.pages import Row, Serving


@dataclass(frozen=True)
class RecordPage(WholePage):
    """A look-up: the answer is the record itself."""

    def answer(self, call: Call, rows: Sequence[Row], serving: Serving) -> Answer:
        return Answer(rows[0].record) if rows else Answer({"error": "NotFound"}, 404)


def graph_pages() -> UrlPages:
    """The Graph API: a whole URL with the token in it; at the end there are cursors and no URL."""

    def cursors(call: Call, rows: list[dict[str, Any]], goes_on: bool) -> dict[str, Any]:
        return {"paging.cursors": {"before": "QVFI", "after": "QVFJ"}} if rows else {}

    return UrlPages("data", cursors, told="paging.next", parameter="after", told_at_end=False, secret=SECRET)


def graph_usage(left: int, reset: float, now: float) -> dict[str, str]:
    """What is used of the hour, in percent; when it is renewed is not said."""
    return {"x-app-usage": json.dumps({"call_count": 50 if left else 100, "total_time": 3, "total_cputime": 1})}


def graph_error(status: int) -> dict[str, Any]:
    """The Graph API's words for a refusal; its statuses are often others."""
    code, subcode = {401: (190, 463), 403: (200, None), 404: (100, 33)}.get(status, (1, None))
    error = {"message": "refused by the kit", "type": "OAuthException", "code": code, "fbtrace_id": "A0"}
    return {"error": {**error, "error_subcode": subcode} if subcode else error}


def graph_limit(seconds: float) -> Answer:
    """The limit of a Page: no 429, no Retry-After."""
    return Answer({"error": {"message": "Page request limit reached", "type": "OAuthException", "code": 32}}, 403)
