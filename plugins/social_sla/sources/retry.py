"""How long to wait before asking again: what the vendor asks for, else exponential backoff with jitter."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import SystemRandom
from time import sleep, time
from typing import Any

_LOOKS_LIKE_AN_EPOCH = 1_000_000_000
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


@dataclass(frozen=True)
class ClientOptions:
    """How patient the client is. Seconds everywhere. `sleep`, `clock` (epoch) and `jitter` (0 to 1) are for tests.

    `max_attempts` counts tries of one request; `max_wait_seconds` is the sum of all waits of one extraction. It lets a
    long history load sit out many windows of a limit (Zendesk: 10 exports a minute), and ends one that asks for days.
    `longest_sleep_seconds`: a longer single wait raises WaitNeeded instead, for whoever can come back later.
    `limits_dir`: a folder where processes share the budget of a connection.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    max_attempts: int = 8
    backoff_seconds: float = 1.0
    max_backoff_seconds: float = 60.0
    max_wait_seconds: float = 6 * 3_600.0
    longest_sleep_seconds: float = math.inf
    limits_dir: Path | None = None
    sleep: Callable[[float], None] = sleep
    clock: Callable[[], float] = time
    jitter: Callable[[], float] = SystemRandom().random


@dataclass(frozen=True)
class Refusal:
    """An answer that is not 2xx, for a source that says in its own way what is meant. `body` is JSON or None."""

    status: int
    headers: Mapping[str, str]
    body: Any
    now: float


@dataclass(frozen=True)
class Again:
    """Ask again: after `seconds`, or after a backoff where that is not known (None)."""

    reason: str
    seconds: float | None = None


def backoff(attempt: int, options: ClientOptions) -> float:
    """Wait after failed try number `attempt` (1, 2, …): doubling, at most `max_backoff_seconds`, half of it random."""
    longest = min(options.max_backoff_seconds, options.backoff_seconds * 2 ** (attempt - 1))
    return longest * (0.5 + 0.5 * options.jitter())


def asked_wait(headers: Mapping[str, str], clock: Callable[[], float]) -> float | None:
    """Seconds that the vendor asks for, or None.

    `Retry-After` (seconds or an HTTP date) comes first; then the reset of a quota (`limits.quotas_of`). A reset does
    not count while calls are left in its window: then a shorter limit was hit (X: one archive search a second), and
    backing off is enough.
    """
    from social_sla.sources.limits import quotas_of

    retry_after = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if retry_after is not None:
        seconds = seconds_until(retry_after, clock())
        if seconds is not None:
            return seconds
    resets = [quota.reset_at for quota in quotas_of(headers, clock()) if quota.remaining is None or quota.is_spent]
    known = [reset for reset in resets if reset is not None]
    return max(0.0, max(known) - clock()) if known else None


def seconds_until(value: str, now: float) -> float | None:
    """Seconds, an epoch, an HTTP date or an ISO 8601 time, as seconds from `now`; None for anything else.

    A number too large to be a wait is an epoch, in seconds or in milliseconds.
    """
    text = value.strip()
    try:
        number = float(text)
    except ValueError:
        moment = _date(text)
        return None if moment is None else max(0.0, moment.timestamp() - now)
    if not math.isfinite(number) or number < 0:
        return None
    if number >= _LOOKS_LIKE_AN_EPOCH * 1_000:
        number /= 1_000
    return max(0.0, number - now) if number >= _LOOKS_LIKE_AN_EPOCH else number


def _date(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
