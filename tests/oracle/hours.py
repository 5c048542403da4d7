"""Business time straight from the description of a schedule (D1, D2, D3, D5, D12, D13).

No table of intervals and no running totals: each question walks the local dates that it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tests.oracle.model import Block, Schedule

DAY = 86_400
HOUR = 3_600
LONGEST_WAIT = 20 * 366 * DAY
_EVER = (-(1 << 60), 1 << 60)


class UncoveredDateError(Exception):
    """A local date that no effective part of the schedule covers (D13)."""


class NeverOpenError(Exception):
    """A target that the clock does not reach in twenty years."""


def _as_if_utc(local: datetime) -> int:
    return int(local.replace(tzinfo=UTC).timestamp())


def local_time(zone: str, second: int) -> datetime:
    """The naive local clock reading at a UTC second."""
    return datetime.fromtimestamp(second, ZoneInfo(zone)).replace(tzinfo=None)


@cache
def _offset(zone: str, second: int) -> int:
    return _as_if_utc(local_time(zone, second)) - second


def _stretches_of_one_offset(zone: str, low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, offset) in order: probe hour by hour, find the exact second of a change by halving."""
    start, offset = low, _offset(zone, low)
    for probe in range(low - low % HOUR + HOUR, high + HOUR, HOUR):
        if _offset(zone, probe) == offset:
            continue
        left, right = probe - HOUR, probe
        while right - left > 1:
            middle = (left + right) // 2
            left, right = (middle, right) if _offset(zone, middle) == offset else (left, middle)
        yield start, right, offset
        start, offset = right, _offset(zone, probe)
    yield start, high, offset


@cache
def first_instant(zone: str, local: datetime) -> int:
    """The first second at which the local clock shows `local` or later (D12)."""
    wanted = _as_if_utc(local)
    low = wanted - 36 * HOUR
    for start, end, offset in _stretches_of_one_offset(zone, low - low % HOUR, wanted + 36 * HOUR):
        candidate = max(start, wanted - offset)
        if candidate < end:
            return candidate
    raise AssertionError(f"{zone} never shows {local}")


def midnight(zone: str, day: date) -> int:
    """The first second of a local date."""
    return first_instant(zone, datetime(day.year, day.month, day.day))


def _wall(day: date, clock: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)


def _overlap(blocks: list[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    """The blocks inside [low, high), sorted and merged: what overlaps counts once."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted((max(b, low), min(e, high)) for b, e in blocks):
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


class Hours:
    """One schedule's business clock."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.zone = schedule.zone
        self._days: dict[int, list[tuple[int, int]]] = {}

    def described_blocks(self, day: date) -> tuple[Block, ...]:
        """The local blocks that open on a date: dated hours beat holidays beat the weekly hours (D13)."""
        parts = [
            part
            for part in self.schedule.parts
            if (part.from_date is None or part.from_date <= day) and (part.to_date is None or day <= part.to_date)
        ]
        if not parts:
            raise UncoveredDateError(f"{self.schedule.schedule_id}: {day}")
        if day in self.schedule.dated_hours:
            return self.schedule.dated_hours[day]
        if day in self.schedule.holidays:
            return ()
        return parts[0].weekly.get(day.weekday(), ())

    def blocks(self, day: date) -> list[tuple[int, int]]:
        """The UTC stretches of the blocks that open on a local date, merged."""
        found = []
        for block in self.described_blocks(day):
            opens, closes = _wall(day, block.opens), _wall(day, block.closes)
            if opens == closes:
                raise ValueError(f"{self.schedule.schedule_id}: a block ends where it begins, {block}")
            if closes < opens:
                closes += timedelta(days=1)
            found.append((first_instant(self.zone, opens), first_instant(self.zone, closes)))
        return _overlap(found, *_EVER)

    def _open_in_utc_day(self, number: int) -> list[tuple[int, int]]:
        """Open stretches within UTC day `number` (days since 1970), gathered from every local date it touches."""
        if number not in self._days:
            low, high = number * DAY, (number + 1) * DAY
            day, last = local_time(self.zone, low).date() - timedelta(days=1), local_time(self.zone, high - 1).date()
            gathered = []
            while day <= last:
                gathered += self.blocks(day)
                day += timedelta(days=1)
            self._days[number] = _overlap(gathered, low, high)
        return self._days[number]

    def open_seconds(self, begin: int, end: int) -> int:
        """Open seconds in [begin, end), 0 when end ≤ begin."""
        total = 0
        for number in range(begin // DAY, -(-end // DAY)):
            total += sum(e - b for b, e in _overlap(self._open_in_utc_day(number), begin, end))
        return total

    def is_open(self, second: int) -> bool:
        """Whether the second [second, second + 1) is inside the hours."""
        return self.open_seconds(second, second + 1) == 1

    def first_open_second(self, begin: int) -> int:
        """The first open second at or after `begin`. Raises NeverOpenError."""
        for number in range(begin // DAY, (begin + LONGEST_WAIT) // DAY):
            for _, end in (found := self._open_in_utc_day(number)):
                if end > begin:
                    return max(begin, next(b for b, e in found if e == end))
        raise NeverOpenError(self.schedule.schedule_id)

    def own_seconds(self, day: date) -> int:
        """The open time of one scheduled day: its blocks without what an earlier date's block already covers.

        So a second that blocks of two dates share is the earlier date's alone, and counts once (D13).
        """
        earlier = self.blocks(day - timedelta(days=1)) + self.blocks(day - timedelta(days=2))
        with_it, without = (_overlap(e, *_EVER) for e in (earlier + self.blocks(day), earlier))
        return sum(e - b for b, e in with_it) - sum(e - b for b, e in without)

    def business_days_seconds(self, begin: int, count: int) -> int:
        """Seconds in `count` business days of a clock that starts at `begin` (D5, D13).

        The first is the earliest scheduled date that holds the first open second; the others are the next dates
        with open time of their own.
        """
        opening = self.first_open_second(begin)
        day = local_time(self.zone, opening).date() - timedelta(days=1)
        while not any(b <= opening < e for b, e in self.blocks(day)):
            day += timedelta(days=1)
        total = 0
        while count > 0:
            seconds = self.own_seconds(day)
            total += seconds
            count -= seconds > 0
            day += timedelta(days=1)
        return total


def first_reaching(elapsed: Callable[[int], int], start: int, target: int) -> int:
    """The first second t ≥ start with elapsed(t) ≥ target (D2); `elapsed` never falls. Raises NeverOpenError."""
    if elapsed(start) >= target:
        return start
    step = max(target, 1)
    while elapsed(start + step) < target:
        step *= 2
        if step > LONGEST_WAIT:
            raise NeverOpenError(f"{target} s from {start}")
    low, high = start, start + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if elapsed(middle) >= target else (middle, high)
    return high
