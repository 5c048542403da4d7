"""When customers write, and which of them wait too long: the stories of docs/sandbox.md as numbers.

A plan is a list of cases per channel. Missed first responses are drawn per month as an exact number, not by chance,
so that the attainment of a month is what the story says whatever else changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sandbox.company.hours import END_AT, FIRST_AT

ZONES = {
    "x_global": ZoneInfo("Europe/London"),
    "x_spain": ZoneInfo("Europe/Madrid"),
    "x_australia": ZoneInfo("Australia/Sydney"),
    "zd_email": ZoneInfo("America/New_York"),
    "zd_chat": ZoneInfo("Europe/Berlin"),
}
CASES_PER_MONTH = {"x_global": 268, "x_spain": 122, "x_australia": 106, "zd_email": 285, "zd_chat": 200}
MISS_RATE = {"x_global": 0.09, "x_spain": 0.08, "x_australia": 0.06, "zd_email": 0.033, "zd_chat": 0.035}
BAD_MONTHS = {
    ("zd_email", 2026, 8): 0.195,
    ("zd_email", 2026, 9): 0.235,
    ("zd_email", 2026, 10): 0.215,
    ("zd_chat", 2026, 7): 0.205,
    ("zd_chat", 2026, 8): 0.225,
    ("zd_chat", 2026, 10): 0.215,
}
BURSTS = {
    # A storm over one weekend, and a campaign week of the Spanish account.
    "x_global": (date(2026, 1, 24), date(2026, 1, 26), 6.0),
    "zd_email": (date(2026, 1, 24), date(2026, 1, 26), 4.0),
    "zd_chat": (date(2026, 1, 24), date(2026, 1, 26), 4.0),
    "x_spain": (date(2026, 6, 15), date(2026, 6, 22), 3.5),
}
HOUR_WEIGHTS = (3, 2, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 12, 13, 13, 13, 12, 12, 11, 11, 11, 9, 7, 5)
CHAT_HOUR_WEIGHTS = (10, 8, 1, 1, 1, 1, 1, 3, 6, 14, 14, 13, 11, 12, 12, 12, 10, 4, 12, 15, 15, 14, 13, 12)
DAY_WEIGHTS = (1.15, 1.1, 1.05, 1.05, 1.1, 0.75, 0.7)


@dataclass(slots=True)
class Case:
    """A customer's first message on a channel, at `at` (UTC seconds), and whether its first answer comes too late."""

    channel_id: str
    at: int
    is_missed: bool = False


def _months() -> Iterator[tuple[int, int]]:
    year, month = 2025, 5
    while (year, month) <= (2026, 11):
        yield year, month
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _arrivals(rng: Random, channel_id: str, year: int, month: int, growth: float) -> list[int]:
    """Seconds at which customers write in a local month, by day of week, hour and burst."""
    zone = ZONES[channel_id]
    first = date(year, month, 1)
    days: list[tuple[date, float]] = []
    burst = BURSTS.get(channel_id)
    day = first
    while day.month == month:
        weight = DAY_WEIGHTS[day.weekday()]
        if burst and burst[0] <= day < burst[1]:
            weight *= burst[2]
        days.append((day, weight))
        day += timedelta(days=1)
    plain = sum(DAY_WEIGHTS[d.weekday()] for d, _ in days)
    count = round(CASES_PER_MONTH[channel_id] * growth * sum(w for _, w in days) / plain)
    hours = CHAT_HOUR_WEIGHTS if channel_id == "zd_chat" else HOUR_WEIGHTS
    found: list[int] = []
    for chosen in rng.choices([d for d, _ in days], [w for _, w in days], k=count):
        hour = rng.choices(range(24), hours)[0]
        local = datetime(chosen.year, chosen.month, chosen.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=zone)
        at = int(local.astimezone(UTC).timestamp())
        if FIRST_AT <= at < END_AT:
            found.append(at)
    return sorted(found)


def cases_of(channel_id: str, seed: int) -> list[Case]:
    """The cases of a channel in order of time, with an exact number of misses in every month."""
    rng = Random(f"{seed}:{channel_id}:plan")  # noqa: S311 - data, not secrets
    cases: list[Case] = []
    for number, (year, month) in enumerate(_months()):
        growth = 0.9 + 0.2 * number / 17
        month_cases = [Case(channel_id, at) for at in _arrivals(rng, channel_id, year, month, growth)]
        rate = BAD_MONTHS.get((channel_id, year, month), MISS_RATE[channel_id])
        for index in rng.sample(range(len(month_cases)), round(rate * len(month_cases))):
            month_cases[index].is_missed = True
        cases += month_cases
    return cases
