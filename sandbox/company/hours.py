"""The teams' working hours, expanded date by date, so that a day with a change of the clock has the hours it has.

This is the generator's own arithmetic (rules D3, D5 and D13 of docs/definitions.md); the tests check its results with
a second, slower one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

FIRST_AT = int(datetime(2025, 5, 1, tzinfo=UTC).timestamp())
END_AT = int(datetime(2026, 11, 3, tzinfo=UTC).timestamp())

WEEKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)

Blocks = dict[int, list[tuple[int, int]]]
"""Weekday (Monday 0) to blocks of minutes after midnight; an end at or before the start is on the next day."""


def us_federal_holidays() -> dict[date, str]:
    """Dates and names of the US federal holidays of the years that the data touch."""
    return {day: name for day, name in sorted(holidays.country_holidays("US", years=range(2025, 2028)).items())}


class Hours:
    """One schedule as ordered, disjoint open intervals in UTC seconds.

    Raises ValueError when an instant outside the expanded range is asked for: no silent horizon.
    """

    def __init__(self, zone: str, blocks: Blocks, closed: dict[date, str] | None = None) -> None:
        self.zone_name = zone
        self.zone = ZoneInfo(zone)
        self.blocks = blocks
        self.closed = closed or {}
        pieces: list[tuple[int, int, date]] = []
        day = datetime.fromtimestamp(FIRST_AT, UTC).date() - timedelta(days=14)
        last = datetime.fromtimestamp(END_AT, UTC).date() + timedelta(days=60)
        while day <= last:
            if day not in self.closed:
                pieces += [(*self._instants(day, *block), day) for block in blocks.get(day.weekday(), [])]
            day += timedelta(days=1)
        pieces.sort()
        self.opens: list[int] = []
        self.closes: list[int] = []
        self.days: list[date] = []
        for opens_at, closes_at, day in pieces:
            if self.closes and opens_at <= self.closes[-1]:
                self.closes[-1] = max(self.closes[-1], closes_at)
            else:
                self.opens.append(opens_at)
                self.closes.append(closes_at)
                self.days.append(day)
        self.before = [0]
        for opens_at, closes_at in zip(self.opens, self.closes, strict=True):
            self.before.append(self.before[-1] + closes_at - opens_at)
        self.open_days = sorted(set(self.days))
        self.day_seconds: dict[date, int] = dict.fromkeys(self.open_days, 0)
        for opens_at, closes_at, day in zip(self.opens, self.closes, self.days, strict=True):
            self.day_seconds[day] += closes_at - opens_at

    def _instants(self, day: date, start: int, end: int) -> tuple[int, int]:
        """UTC seconds of one block that opens on `day`."""
        close_day = day + timedelta(days=1) if end <= start or end == 24 * 60 else day
        end %= 24 * 60
        opens = datetime.combine(day, time(start // 60, start % 60), self.zone)
        closes = datetime.combine(close_day, time(end // 60, end % 60), self.zone)
        return int(opens.timestamp()), int(closes.timestamp())

    def _index(self, at: int) -> int:
        """Index of the interval that holds `at`, or of the next one."""
        if not self.opens[0] <= at < self.closes[-1]:
            raise ValueError(f"{at} is outside the hours expanded for {self.zone_name}")
        return bisect_right(self.closes, at)

    def open_before(self, at: int) -> int:
        """Open seconds from the beginning of the expansion to `at`."""
        index = self._index(at)
        return self.before[index] + max(0, at - self.opens[index])

    def elapsed(self, start: int, stop: int) -> int:
        """Open seconds in [start, stop)."""
        return self.open_before(stop) - self.open_before(start)

    def is_open(self, at: int) -> bool:
        """Whether the team works at `at`."""
        return self.opens[self._index(at)] <= at

    def add(self, start: int, seconds: int) -> int:
        """First instant at which `seconds` (positive) open seconds have passed since `start`."""
        wanted = self.open_before(start) + seconds
        index = bisect_left(self.before, wanted) - 1
        return self.opens[index] + wanted - self.before[index]

    def next_open(self, at: int) -> int:
        """`at` itself when the team works then, else the next opening."""
        return max(at, self.opens[self._index(at)])

    def business_days(self, start: int, count: int) -> int:
        """Open seconds of `count` scheduled days, the first being the one that holds the first open second (D13)."""
        first = self.open_days.index(self.days[self._index(start)])
        return sum(self.day_seconds[day] for day in self.open_days[first : first + count])


def _span(start: int, end: int) -> tuple[int, int]:
    return start * 60, end * 60


@cache
def channel_hours() -> dict[str, Hours]:
    """Working hours of the team of each channel."""
    week = {day: [_span(9, 17)] for day in WEEKDAYS}
    chat: Blocks = {day: [_span(18, 2)] for day in EVERY_DAY}
    for day in WEEKDAYS:
        chat[day] = [_span(9, 17), _span(18, 2)]
    return {
        "x_global": Hours("Europe/London", {day: [_span(8, 22)] for day in EVERY_DAY}),
        "x_spain": Hours("Europe/Madrid", {day: [_span(9, 14), _span(16, 19)] for day in WEEKDAYS}),
        "x_australia": Hours("Australia/Sydney", {day: [_span(8, 18)] for day in WEEKDAYS}),
        "zd_email": Hours("America/New_York", {**week, 5: [_span(10, 14)]}, us_federal_holidays()),
        "zd_chat": Hours("Europe/Berlin", chat),
    }
