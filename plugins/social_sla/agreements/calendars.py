"""Business calendars as a list of open intervals (D3, D5, D12, D13).

A schedule is expanded local date by local date: each block's ends become instants through the zone's rules, so a
day on which the clocks change has the hours that it really has. An instant's place on the business clock is then
one lookup, elapsed time a subtraction and a due instant the lookup backwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from social_sla.agreements.calendar_models import HolidaySource, Schedule, SchedulePart
from social_sla.agreements.local_time import as_instant, first_second
from social_sla.agreements.values import HoursBlock, as_time

_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """A schedule has no hours for a date that is asked for; `day` is the first such date (D13)."""

    def __init__(self, schedule_id: str, day: date) -> None:
        self.schedule_id = schedule_id
        self.day = day
        super().__init__(
            f"no effective part covers {day}; add a part for it, or leave valid_from of the first part and valid_to "
            "of the last part out"
        )


@dataclass(frozen=True, slots=True)
class OpenInterval:
    """A stretch [opens_at, closes_at) of open time, UTC; touching and overlapping blocks are one."""

    interval_number: int
    local_date: date
    opens_at: datetime
    closes_at: datetime
    open_seconds_before: int


@dataclass(frozen=True, slots=True)
class ScheduledDay:
    """A local date with open time. Seconds that an earlier date's block already covers are that date's alone, so
    the days' seconds add up to the calendar's."""

    local_date: date
    day_number: int
    opens_at: datetime
    open_seconds: int
    open_seconds_before: int


@dataclass(frozen=True)
class Calendar:
    """A schedule's open time over a range of local dates; times before and after the range are not open."""

    schedule_id: str
    from_date: date
    to_date: date
    intervals: tuple[OpenInterval, ...]
    days: tuple[ScheduledDay, ...]

    @property
    def total_seconds(self) -> int:
        return self.open_seconds_before(self.intervals[-1].closes_at) if self.intervals else 0

    def open_seconds_before(self, instant: datetime) -> int:
        """Open whole seconds from the calendar's beginning to an instant (aware)."""
        index = bisect_right(self.intervals, instant, key=lambda interval: interval.opens_at) - 1
        if index < 0:
            return 0
        interval = self.intervals[index]
        inside = min(instant, interval.closes_at) - interval.opens_at
        return interval.open_seconds_before + inside // timedelta(seconds=1)

    def open_seconds(self, start: datetime, stop: datetime) -> int:
        """Open seconds in [start, stop) (D1)."""
        return self.open_seconds_before(stop) - self.open_seconds_before(start)

    def is_open(self, instant: datetime) -> bool:
        """Whether an instant (aware) lies in open time."""
        index = bisect_right(self.intervals, instant, key=lambda interval: interval.opens_at) - 1
        return index >= 0 and instant < self.intervals[index].closes_at

    def reach(self, start: datetime, seconds: int) -> datetime | None:
        """The first instant at which `seconds` (≥ 1) of open time have passed since `start`; None past the range."""
        goal = self.open_seconds_before(start) + seconds
        index = bisect_right(self.intervals, goal - 1, key=lambda interval: interval.open_seconds_before) - 1
        if index < 0 or goal > self.total_seconds:
            return None
        interval = self.intervals[index]
        return interval.opens_at + timedelta(seconds=goal - interval.open_seconds_before)

    def business_days_seconds(self, start: datetime, count: int) -> int | None:
        """`count` business days from `start` in seconds (D5, D13); None where the range does not hold so many."""
        position = self.open_seconds_before(start)
        if position >= self.total_seconds:
            return None
        first = bisect_right(self.days, position, key=lambda day: day.open_seconds_before) - 1
        chosen = self.days[first : first + count]
        return sum(day.open_seconds for day in chosen) if len(chosen) == count else None


def expand(schedule: Schedule, from_date: date, to_date: date) -> Calendar:
    """The open time of the blocks that open on the local dates `from_date` to `to_date`, both inclusive.

    Overnight blocks of the eve of `from_date` are not in it: ask from a day or two earlier.

    Raises:
        CalendarError: no effective part covers one of the dates.
    """
    zone = ZoneInfo(schedule.timezone)
    closed = closed_dates(schedule, from_date, to_date)
    stated = {day.date: day.hours for day in schedule.special_days}
    parts = [(part, part.by_weekday()) for part in schedule.effective_parts]
    merged: list[list[int]] = []
    first_dates: list[date] = []
    days: list[ScheduledDay] = []
    reach: int | None = None  # up to where time is already counted
    total = 0
    day = from_date
    while day <= to_date:
        weekly = _covering(schedule, parts, day)
        blocks = stated.get(day) or (() if day in closed else weekly.get(day.weekday(), ()))
        spans = _instants(zone, day, blocks)
        own = 0
        for opens, closes in spans:
            start = opens if reach is None else max(opens, reach)
            if closes <= start:
                continue
            if start == reach:
                merged[-1][1] = closes
            else:
                merged.append([start, closes])
                first_dates.append(day)
            own += closes - start
            reach = closes
        if own:
            days.append(ScheduledDay(day, len(days) + 1, as_instant(spans[0][0]), own, total))
            total += own
        day += _DAY
    return Calendar(schedule.schedule_id, from_date, to_date, _numbered(merged, first_dates), tuple(days))


def _numbered(merged: list[list[int]], first_dates: list[date]) -> tuple[OpenInterval, ...]:
    intervals = []
    before = 0
    for number, ((opens, closes), day) in enumerate(zip(merged, first_dates, strict=True), start=1):
        intervals.append(OpenInterval(number, day, as_instant(opens), as_instant(closes), before))
        before += closes - opens
    return tuple(intervals)


def _covering(
    schedule: Schedule, parts: list[tuple[SchedulePart, dict[int, tuple[HoursBlock, ...]]]], day: date
) -> dict[int, tuple[HoursBlock, ...]]:
    for part, weekly in parts:
        if part.covers(day):
            return weekly
    raise CalendarError(schedule.schedule_id, day)


def _instants(zone: ZoneInfo, day: date, blocks: Iterable[HoursBlock]) -> list[tuple[int, int]]:
    """The blocks that open on a date as (opens, closes) in seconds since 1970, in order; one that a jump of the
    clock swallows whole is left out."""
    spans = []
    for block in blocks:
        opens, closes = _second(zone, day, block.open_minute), _second(zone, day, block.close_minute)
        if closes > opens:
            spans.append((opens, closes))
    return sorted(spans)


def _second(zone: ZoneInfo, day: date, minute: int) -> int:
    days, clock = as_time(minute)
    return first_second(zone, datetime.combine(day + days * _DAY, clock))


def closed_dates(schedule: Schedule, from_date: date, to_date: date) -> frozenset[date]:
    """Public and company holidays of a schedule in a range of dates, whether or not hours are stated for them."""
    found = {day.date for day in schedule.company_holidays}
    for source in schedule.holidays:
        # A holiday can be observed across New Year, so one year more on either side.
        for year in range(from_date.year - 1, to_date.year + 2):
            found |= public_holidays(source, year)
    return frozenset(day for day in found if from_date <= day <= to_date)


@lru_cache(maxsize=4_096)
def public_holidays(source: HolidaySource, year: int) -> frozenset[date]:
    """One year's public holidays as the `holidays` library computes them (dates may fall beside the year)."""
    return frozenset(
        holidays.country_holidays(
            source.country,
            subdiv=source.subdivision,
            years=year,
            categories=source.categories,
            observed=source.observed,
        )
    )
