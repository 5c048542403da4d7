"""When a target is used up: by our definitions, and where Request Tracker is known to count otherwise.

Written apart from both: blocks date by date, instants as seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from tests.servers.service_levels import Hours

_DAYS_AHEAD = 120
_THIRTY_DAYS = 30 * 86_400


class Rule(Enum):
    """Why RT's due time is another one than ours."""

    CLOSING = "RT is due at the next open second after the last that counts: after closing, at the next opening (D2)"
    UNKNOWN_HOLIDAY = "RT was not told of the holiday"
    HOLIDAY_BY_MIDNIGHT = (
        "RT closes a holiday from midnight to midnight, and a second more: it cuts the eve's overnight block and opens "
        "the holiday's own after midnight, where ours go by the date on which a block opens (D13)"
    )
    WEEK = "RT's week begins on Sunday: the overnight block of the Saturday before is not open to what begins on Sunday"
    PAUSE_END = "RT counts the second in which a pause ends as paused"
    THIRTY_DAYS = "RT looks 30 days ahead and no farther: then there is no due time"


def instant(zone: str, local: str) -> int:
    """`2025-03-07 16:00[:ss]` on the clocks of a zone."""
    return int(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp())


def due(hours: Hours | None, start: int, seconds: int, rules: Iterable[Rule] = ()) -> int | None:
    """The first instant at which `seconds` have passed since `start` (D2); `hours` None = around the clock.

    With `rules`: RT's.
    """
    known = frozenset(rules)
    if hours is None:
        return start + seconds
    left = seconds
    for opens, closes in _blocks(hours, start, known):
        begins = max(opens, start)
        length = closes - begins
        if length <= 0:
            continue
        if left < length or (left == length and Rule.CLOSING not in known):
            found = begins + left
            return None if Rule.THIRTY_DAYS in known and found > start + _THIRTY_DAYS else found
        left -= length
    raise AssertionError(f"{seconds} s are not open within {_DAYS_AHEAD} days")


def open_seconds(hours: Hours | None, start: int, stop: int) -> int:
    """Open seconds in [start, stop)."""
    if hours is None:
        return stop - start
    blocks = _blocks(hours, start, frozenset())
    return sum(max(0, min(closes, stop) - max(opens, start)) for opens, closes in blocks)


def _blocks(hours: Hours, start: int, rules: frozenset[Rule]) -> Iterator[tuple[int, int]]:
    """Open time around and after `start`, in order, half-open."""
    zone = ZoneInfo(hours.timezone)
    first = datetime.fromtimestamp(start, zone).date()
    begins_on_sunday = first.isoweekday() == 7
    closed = set(hours.holidays) | (set() if Rule.UNKNOWN_HOLIDAY in rules else set(hours.only_ours))
    by_midnight = Rule.HOLIDAY_BY_MIDNIGHT in rules
    for number in range(-1, _DAYS_AHEAD):
        day = first + timedelta(days=number)
        block = hours.weekly.get(day.isoweekday() % 7)
        if block is None or (day in closed and not by_midnight):
            continue
        if number < 0 and begins_on_sunday and Rule.WEEK in rules:
            continue
        opens, closes = (time.fromisoformat(text) for text in block)
        last = day + timedelta(days=1) if closes <= opens else day
        pieces = [(_second(zone, day, opens), _second(zone, last, closes))]
        if by_midnight:
            for holiday in hours.holidays:
                midnight = _second(zone, holiday, time())
                pieces = [piece for found in pieces for piece in _without(found, midnight, midnight + 86_401)]
        yield from pieces


def _without(block: tuple[int, int], start: int, stop: int) -> Iterator[tuple[int, int]]:
    for opens, closes in ((block[0], min(block[1], start)), (max(block[0], stop), block[1])):
        if opens < closes:
            yield opens, closes


def _second(zone: ZoneInfo, day: object, moment: time) -> int:
    return int(datetime.combine(day, moment, zone).timestamp())  # type: ignore[arg-type]
