"""Rate-limit headers in the vendors' dialects, for `KitCase.rate_headers`."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

Headers = Callable[[int, float, float], dict[str, str]]


def epoch_headers(family: str) -> Headers:
    """`<family>-limit`, `-remaining` and `-reset` as an epoch: X, Intercom."""

    def headers(left: int, reset: float, now: float) -> dict[str, str]:
        return {f"{family}-limit": "2", f"{family}-remaining": str(left), f"{family}-reset": str(math.ceil(reset))}

    return headers


def seconds_headers(family: str) -> Headers:
    """The reset as seconds to wait: Zendesk, Reddit (`remaining` as a decimal number), IETF drafts."""

    def headers(left: int, reset: float, now: float) -> dict[str, str]:
        return {f"{family}-remaining": f"{left}.0", f"{family}-reset": str(math.ceil(reset - now))}

    return headers


def iso_headers(family: str) -> Headers:
    """The reset as ISO 8601: Mastodon."""

    def headers(left: int, reset: float, now: float) -> dict[str, str]:
        moment = datetime.fromtimestamp(math.ceil(reset), UTC).isoformat().replace("+00:00", "Z")
        return {f"{family}-limit": "2", f"{family}-remaining": str(left), f"{family}-reset": moment}

    return headers
