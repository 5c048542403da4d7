"""Quotas as the vendors' headers tell them, and the budget of a connection."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from social_sla.sources.errors import CredentialsError
from social_sla.sources.limits import Budget, Limiter, Quota, quotas_of

NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        (
            {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{NOW + 90:.0f}"},
            Quota("x-rate-limit", 0, 300, NOW + 90),
        ),
        (
            {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "2026-03-01T00:05:00.1Z"},
            Quota("x-ratelimit", 7, 300, NOW + 300.1),
        ),
        (
            {"x-ratelimit-remaining": "598.0", "x-ratelimit-used": "2", "x-ratelimit-reset": "412"},
            Quota("x-ratelimit", 598, None, NOW + 412),
        ),
        ({"X-Ratelimit-Total": "50", "X-Ratelimit-Remaining": "0"}, Quota("x-ratelimit", 0, 50, None)),
        ({"RateLimit": '"default";r=0;t=30'}, Quota("ratelimit", 0, None, NOW + 30)),
        ({"RateLimit": "limit=100, remaining=50, reset=5"}, Quota("ratelimit", 50, 100, NOW + 5)),
        (
            {"Zendesk-RateLimit-incremental-exports": "total=10; remaining=0; resets=43"},
            Quota("zendesk-ratelimit-incremental-exports", 0, 10, NOW + 43),
        ),
        (
            {
                "X-HubSpot-RateLimit-Max": "110",
                "X-HubSpot-RateLimit-Remaining": "0",
                "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            },
            Quota("x-hubspot-ratelimit", 0, 110, NOW + 10),
        ),
        (
            {"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}'},
            Quota("x-app-usage", 72, 100, None),
        ),
        (
            {
                "x-business-use-case-usage": json.dumps(
                    {"17": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}
                )
            },
            Quota("x-business-use-case-usage", 0, 100, NOW + 19 * 60),
        ),
        ({"x-app-usage": '{"call_count":97}'}, Quota("x-app-usage", 0, 100, NOW + 300)),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_every_dialect_is_read(headers: dict[str, str], quota: Quota) -> None:
    (found,) = quotas_of(headers, NOW)
    assert (found.name, found.remaining, found.limit) == (quota.name, quota.remaining, quota.limit)
    assert found.reset_at == (None if quota.reset_at is None else pytest.approx(quota.reset_at))


@pytest.mark.parametrize(
    "headers", [{}, {"x-app-usage": "{"}, {"x-app-usage": "[]"}, {"x-rate-limit-remaining": "many"}, {"RateLimit": "?"}]
)
def test_what_cannot_be_read_is_no_limit(headers: dict[str, str]) -> None:
    assert quotas_of(headers, NOW) == []


def test_a_spent_quota_holds_the_next_call_of_its_bucket_only() -> None:
    limiter = Limiter("x_default")
    limiter.learn("/a", {"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{NOW + 90:.0f}"}, NOW)
    assert limiter.wait_for("/a", NOW) == (90, "the vendor's quota is used up")
    assert limiter.wait_for("/b", NOW)[0] == 0
    assert limiter.wait_for("/a", NOW + 91)[0] == 0
    assert limiter.calls == 2


def test_a_minute_holds_as_many_calls_as_the_user_allows() -> None:
    limiter = Limiter("x_default", Budget(max_calls_per_minute=2))
    assert [limiter.wait_for("", NOW + second)[0] for second in (0, 10, 20, 60, 61)] == [0, 0, 40, 0, 9]


@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5"])
def test_a_budget_is_a_whole_number(value: str) -> None:
    with pytest.raises(CredentialsError, match=r"x_default.*max_calls_per_run"):
        Budget.of({"max_calls_per_run": value}, "x_default")
