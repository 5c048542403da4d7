"""What a connection may still call: quotas that the vendors' headers tell, and the budget that a user sets."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from social_sla.landing.model import safe_name
from social_sla.sources.errors import BudgetSpentError, CredentialsError
from social_sla.sources.retry import seconds_until

_FAMILIES = ("x-rate-limit", "x-ratelimit", "ratelimit", "rate-limit", "x-app-rate-limit")
_USAGE_HEADERS = ("x-app-usage", "x-page-usage", "x-business-use-case-usage", "x-ad-account-usage")
_FULL_PERCENT = 95.0
# The Graph API counts over a rolling hour and does not always say when calls are possible again.
_USAGE_PAUSE_SECONDS = 300.0
_PAIR = re.compile(r"([a-z]+)\s*=\s*\"?([0-9.]+)")


@dataclass(frozen=True)
class Quota:
    """One limit as the vendor tells it. `reset_at` is an epoch; null = not told. `name` is the header's family."""

    name: str
    remaining: float | None
    limit: float | None = None
    reset_at: float | None = None

    @property
    def is_spent(self) -> bool:
        return self.remaining is not None and self.remaining < 1


def quotas_of(headers: Mapping[str, str], now: float) -> list[Quota]:
    """Every quota that the headers of one answer tell.

    Known: `x-rate-limit-*` (X: epoch), `X-RateLimit-*` (epoch or ISO 8601: Intercom, Mastodon), `ratelimit-*` and
    `x-ratelimit-*` in seconds (Reddit, Zendesk, IETF drafts), `RateLimit: …r=…;t=…`, Freshdesk (no reset),
    `X-HubSpot-RateLimit-*`, `Zendesk-RateLimit-<endpoint>: total=…; remaining=…; resets=…`, the Graph API's usage in
    percent.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    found = [quota for family in _FAMILIES if (quota := _family(lower, family, now)) is not None]
    for name, value in lower.items():
        if name == "ratelimit" or name.startswith(("zendesk-ratelimit-", "zendesk-rate-limit-")):
            pairs = dict(_PAIR.findall(value))
            remaining = pairs.get("remaining", pairs.get("r"))
            reset = pairs.get("resets", pairs.get("reset", pairs.get("t")))
            if remaining is not None:
                wait = None if reset is None else seconds_until(reset, now)
                limit = pairs.get("total", pairs.get("limit"))
                found.append(Quota(name, float(remaining), _float(limit), None if wait is None else now + wait))
    found.extend(_hubspot(lower, now))
    found.extend(_usage(lower, now))
    return found


def _family(headers: Mapping[str, str], family: str, now: float) -> Quota | None:
    remaining = _float(headers.get(f"{family}-remaining"))
    reset = headers.get(f"{family}-reset")
    if remaining is None and reset is None:
        return None
    wait = None if reset is None else seconds_until(reset, now)
    limit = headers.get(f"{family}-limit") or headers.get(f"{family}-total") or headers.get(family)
    return Quota(family, remaining, _float(limit), None if wait is None else now + wait)


def _hubspot(headers: Mapping[str, str], now: float) -> list[Quota]:
    prefix = "x-hubspot-ratelimit"
    remaining, interval = _float(headers.get(f"{prefix}-remaining")), headers.get(f"{prefix}-interval-milliseconds")
    if remaining is None:
        return []
    reset = now + (_float(interval) or 10_000) / 1_000
    return [Quota(prefix, remaining, _float(headers.get(f"{prefix}-max")), reset)]


def _usage(headers: Mapping[str, str], now: float) -> list[Quota]:
    """The Graph API: percentages of what is allowed in an hour, and minutes until access comes back."""
    found = []
    for name in _USAGE_HEADERS:
        try:
            value = json.loads(headers.get(name, ""))
        except ValueError:
            continue
        for usage in _usages(value):
            numbers = [number for number in usage.values() if isinstance(number, int | float)]
            percents = [float(usage[key]) for key in ("call_count", "total_time", "total_cputime") if key in usage]
            if not numbers or not percents:
                continue
            minutes = float(usage.get("estimated_time_to_regain_access") or 0)
            full = max(percents) >= _FULL_PERCENT or minutes > 0
            wait = minutes * 60 or _USAGE_PAUSE_SECONDS
            found.append(Quota(name, 0.0 if full else 100 - max(percents), 100.0, now + wait if full else None))
    return found


def _usages(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [usage for item in value for usage in _usages(item)]
    if not isinstance(value, dict):
        return []
    if "call_count" in value or "total_time" in value:
        return [value]
    return [usage for item in value.values() for usage in _usages(item)]


def _float(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


@dataclass(frozen=True)
class Budget:
    """What a user lets a connection call, from the connection's extra. None = as much as the vendor allows."""

    max_calls_per_minute: int | None = None
    max_calls_per_run: int | None = None

    @classmethod
    def of(cls, extra: Mapping[str, Any], connection_id: str = "") -> Budget:
        """Raises CredentialsError where a number is none."""
        values: dict[str, int] = {}
        for name in ("max_calls_per_minute", "max_calls_per_run"):
            value = extra.get(name)
            if value is None or value == "":
                continue
            if not str(value).isdecimal() or int(value) < 1:
                raise CredentialsError(
                    f"The extra of connection {connection_id!r} has {name} = {str(value)[:20]!r}: "
                    "a whole number from 1 on."
                )
            values[name] = int(value)
        return cls(**values)


@dataclass
class Limiter:
    """Says before each call how long to wait, and learns from each answer. One for all streams of a connection's run.

    Where `folder` is given, the calls of the last minute are counted over all processes of this machine.
    """

    connection_id: str
    budget: Budget = field(default_factory=Budget)
    folder: Path | None = None
    calls: int = 0
    quotas: dict[str, list[Quota]] = field(default_factory=dict)
    _times: list[float] = field(default_factory=list)

    def learn(self, bucket: str, headers: Mapping[str, str], now: float) -> None:
        """Keeps what an answer says about the limit of `bucket` (the whole connection, or one endpoint)."""
        found = quotas_of(headers, now)
        if found:
            self.quotas[bucket] = found

    def wait_for(self, bucket: str, now: float) -> tuple[float, str]:
        """Seconds to wait before the next call, and why. 0 = go; then the call is counted.

        Raises:
            BudgetSpentError: the calls of this run are made.
        """
        most = self.budget.max_calls_per_run
        if most is not None and self.calls >= most:
            raise BudgetSpentError(
                f"Connection {self.connection_id!r} has made the {most} calls that its extra max_calls_per_run allows. "
                "What was read is kept: run it again (the same window) to go on, or raise the number."
            )
        spent = [quota for quota in self.quotas.get(bucket, []) if quota.is_spent and (quota.reset_at or 0) > now]
        if spent:
            return max(quota.reset_at or now for quota in spent) - now, "the vendor's quota is used up"
        wait = self._reserve(now)
        if wait > 0:
            return wait, f"the budget of {self.budget.max_calls_per_minute} calls a minute is used up"
        self.calls += 1
        return 0.0, ""

    def waited(self, bucket: str) -> None:
        """The quota's end was waited for: what was told of it counts no more."""
        self.quotas.pop(bucket, None)

    def _reserve(self, now: float) -> float:
        most = self.budget.max_calls_per_minute
        if most is None:
            return 0.0
        if self.folder is None:
            self._times, wait = _slide(self._times, now, most)
            return wait
        return _shared(self.folder / f"{safe_name(self.connection_id)}.json", lambda times: _slide(times, now, most))


def _slide(times: list[float], now: float, most: int) -> tuple[list[float], float]:
    """The calls of the minute before `now` with this one, or the wait until there is room for it."""
    recent = [moment for moment in times if now - 60 < moment <= now]
    if len(recent) >= most:
        return recent, recent[-most] + 60 - now
    return [*recent, now], 0.0


def _shared(path: Path, change: Callable[[list[float]], tuple[list[float], float]]) -> float:
    """Reads, changes and writes the times in a file that processes share."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        try:
            times = [float(moment) for moment in json.loads(handle.read() or b"[]")]
        except (ValueError, TypeError):
            times = []
        times, wait = change(times)
        handle.seek(0)
        handle.truncate()
        handle.write(json.dumps(times).encode())
    return wait
