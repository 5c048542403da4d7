"""Which seconds a clock counted, by local date: running stretches cut to open hours and at local midnights (D1, D3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from social_sla.review import words

Stretch = tuple[datetime, datetime]
"""[from, to) in UTC, whole seconds."""

# So many days of a clock are listed; of a longer one the first and the last, and what lies between as one sum.
MOST_DAYS = 10
DAYS_AT_AN_END = 4


@dataclass(frozen=True)
class CountedDay:
    """What counted on one local date, and the hours that were open on it (None: the clock runs around the clock)."""

    day: date
    counted: tuple[Stretch, ...]
    hours: tuple[Stretch, ...] | None

    @property
    def seconds(self) -> int:
        return sum(_seconds(stretch) for stretch in self.counted)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local date in UTC, also where a change of clocks takes its midnight away (D12)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def counted_days(running: Iterable[Stretch], hours: Sequence[Stretch] | None, timezone: str) -> list[CountedDay]:
    """The days on which anything counted, in order.

    Args:
        running: the clock's running stretches, in order, disjoint.
        hours: open stretches that cover at least the days of the clock, in order, disjoint; None counts every second.
        timezone: whose dates these are (IANA).
    """
    zone = ZoneInfo(timezone)
    whole = list(_joined(stretch for stretch in running if stretch[0] < stretch[1]))
    counted = whole if hours is None else list(_both(whole, hours))
    pieces = [piece for stretch in counted for piece in _by_date(stretch, zone)]
    found = []
    for day, group in groupby(pieces, key=lambda piece: piece[0]):
        bounds = (local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone))
        open_then = None if hours is None else tuple(_both([bounds], hours))
        found.append(CountedDay(day, tuple(stretch for _, stretch in group), open_then))
    return found


def day_lines(days: Sequence[CountedDay], basis: str, timezone: str) -> list[str]:
    """One line a day: `Mon 5 Oct 14:10–17:00 2 h 50 min (open 09:00–17:00)`.

    Of more than `MOST_DAYS` the middle is one line with its count and sum. Years are said where there are several.
    """
    has_years = len({day.day.year for day in days}) > 1
    lines = [_line(day, basis, ZoneInfo(timezone), has_years) for day in days]
    if len(days) <= MOST_DAYS:
        return lines
    between = days[DAYS_AT_AN_END:-DAYS_AT_AN_END]
    first, last = (_date(day.day, has_years) for day in (between[0], between[-1]))
    total = words.duration(sum(day.seconds for day in between), basis)
    middle = f"… {words.plural(len(between), 'more day')}, {first} to {last}: {total}"
    return [*lines[:DAYS_AT_AN_END], middle, *lines[-DAYS_AT_AN_END:]]


def _line(day: CountedDay, basis: str, zone: ZoneInfo, has_year: bool) -> str:
    counted = _ranges(day.counted, day.day, zone)
    hours = f" (open {_ranges(day.hours, day.day, zone)})" if day.hours else ""
    return f"{_date(day.day, has_year)} {counted} {words.duration(day.seconds, basis)}{hours}"


def _date(day: date, has_year: bool) -> str:
    text = f"{words.WEEKDAYS[day.weekday()]} {words.day(day)}"
    return text if has_year else text.removesuffix(f" {day.year}")


def _ranges(stretches: Sequence[Stretch], day: date, zone: ZoneInfo) -> str:
    end = local_midnight(day + timedelta(days=1), zone)
    times = [at.astimezone(zone) for stretch in stretches for at in stretch]
    # Where the clocks change a time alone can mean two instants, and two of them can lie in different offsets.
    has_zone = len({at.utcoffset() for at in times}) > 1 or any(_is_ambiguous(at) for at in times)

    def shown(at: datetime) -> str:
        if at == end:
            return "24:00"
        here = at.astimezone(zone)
        text = f"{here:%H:%M:%S}" if here.second else f"{here:%H:%M}"
        return f"{text} {here:%Z}" if has_zone else text

    return ", ".join(f"{shown(start)}–{shown(stop)}" for start, stop in stretches)


def _is_ambiguous(here: datetime) -> bool:
    return here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()


def _seconds(stretch: Stretch) -> int:
    return int((stretch[1] - stretch[0]).total_seconds())


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Stretches that touch as one: a change of priority cuts a clock and pauses nothing."""
    held: Stretch | None = None
    for start, stop in stretches:
        if held and held[1] == start:
            held = (held[0], stop)
            continue
        if held:
            yield held
        held = (start, stop)
    if held:
        yield held


def _both(ones: Sequence[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    """What lies in a stretch of either list; both are in order and disjoint."""
    here = there = 0
    while here < len(ones) and there < len(others):
        start, stop = max(ones[here][0], others[there][0]), min(ones[here][1], others[there][1])
        if start < stop:
            yield start, stop
        if ones[here][1] <= others[there][1]:
            here += 1
        else:
            there += 1


def _by_date(stretch: Stretch, zone: ZoneInfo) -> Iterator[tuple[date, Stretch]]:
    """A stretch cut at local midnights, each piece with its date."""
    start, stop = stretch
    while start < stop:
        day = start.astimezone(zone).date()
        midnight = local_midnight(day + timedelta(days=1), zone)
        yield day, (start, min(stop, midnight))
        start = midnight
