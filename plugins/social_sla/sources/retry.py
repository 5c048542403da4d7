"""How long to wait before asking again: what the vendor asks for, else exponential backoff with jitter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from random import SystemRandom
from time import sleep, time

_LOOKS_LIKE_AN_EPOCH = 1_000_000_000
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


@dataclass(frozen=True)
class ClientOptions:
    """How patient the client is. Seconds everywhere. `sleep`, `clock` (epoch) and `jitter` (0 to 1) are for tests.

    `max_attempts` counts tries of one request; `max_wait_seconds` is the sum of all waits of one extraction. It lets a
    long history load sit out many windows of a limit (Zendesk: 10 exports a minute), and ends one that asks for days.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    max_attempts: int = 8
    backoff_seconds: float = 1.0
    max_backoff_seconds: float = 60.0
    max_wait_seconds: float = 6 * 3_600.0
    sleep: Callable[[float], None] = sleep
    clock: Callable[[], float] = time
    jitter: Callable[[], float] = SystemRandom().random


def backoff(attempt: int, options: ClientOptions) -> float:
    """Wait after failed try number `attempt` (1, 2, …): doubling, at most `max_backoff_seconds`, half of it random."""
    longest = min(options.max_backoff_seconds, options.backoff_seconds * 2 ** (attempt - 1))
    return longest * (0.5 + 0.5 * options.jitter())


def asked_wait(headers: Mapping[str, str], clock: Callable[[], float]) -> float | None:
    """Seconds that the vendor asks for, or None.

    `Retry-After` (seconds or an HTTP date) comes first; then `x-rate-limit-reset` (X: epoch seconds), then
    `ratelimit-reset` / `rate-limit-reset` (Zendesk: seconds to wait). A number too large to be a wait is an epoch.
    A reset does not count while calls are left in its window: then a shorter limit was hit (X: one archive search a
    second), and backing off is enough.
    """
    retry_after = headers.get("Retry-After")
    if retry_after is not None:
        seconds = _seconds(retry_after, clock)
        if seconds is not None:
            return seconds
    for name in ("x-rate-limit", "ratelimit", "rate-limit"):
        value, left = headers.get(f"{name}-reset"), headers.get(f"{name}-remaining", "0").strip()
        if value is not None and not (left.isdigit() and int(left) > 0):
            seconds = _seconds(value, clock)
            if seconds is not None:
                return seconds
    return None


def _seconds(value: str, clock: Callable[[], float]) -> float | None:
    text = value.strip()
    try:
        number = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - clock())
    if number != number or number < 0:
        return None
    return max(0.0, number - clock()) if number >= _LOOKS_LIKE_AN_EPOCH else number
