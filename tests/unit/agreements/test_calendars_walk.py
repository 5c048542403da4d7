"""Calendars against a walk that looks at the clock on the wall every minute and knows no intervals.

The walk holds D12 in its own way: a time has come once the wall clock has shown it or a later one, so what counts is
the latest local time shown so far, whatever the clock shows after it has been put back.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from social_sla.agreements.calendar_models import DAY_NAMES, Schedule
from social_sla.agreements.calendars import Calendar, expand

MINUTE = timedelta(minutes=1)
# Zones and dates near which their clocks change, and a zone whose clocks never do.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Sydney", date(2026, 4, 5)),
    ("Australia/Sydney", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("America/St_Johns", date(2006, 10, 29)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kolkata", date(2026, 6, 1)),
]

# Half of the ends lie in the small hours, where clocks change.
_ends = st.one_of(st.integers(0, 240), st.integers(0, 1_439))
_blocks = (
    st.tuples(_ends, _ends)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: pair if pair[1] > pair[0] else (pair[0], pair[1] + 1_440))
)
_days = st.lists(_blocks, min_size=1, max_size=3)
_weeks = st.one_of(
    _days.map(lambda blocks: dict.fromkeys(range(7), blocks)),
    st.dictionaries(st.integers(0, 6), _days, min_size=1, max_size=7),
)


def _written(block: tuple[int, int]) -> str:
    opens, closes = block
    closes = closes - 1_440 if closes > 1_440 else closes
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def _walk(
    zone: ZoneInfo, week: dict[int, list[tuple[int, int]]], first: date, last: date
) -> tuple[list[datetime], Counter[date]]:
    """Every open minute, and how many of them belong to each date (the earliest that has the minute open)."""
    midnight = time()
    stretches = sorted(
        (datetime.combine(day, midnight) + opens * MINUTE, datetime.combine(day, midnight) + closes * MINUTE, day)
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
        for opens, closes in week.get(day.weekday(), [])
    )
    minute = datetime.combine(first, midnight, UTC) - timedelta(days=2)
    end = datetime.combine(last, midnight, UTC) + timedelta(days=4)
    latest = datetime(1900, 1, 1)
    open_minutes, per_day = [], Counter[date]()
    while minute < end:
        latest = max(latest, minute.astimezone(zone).replace(tzinfo=None))
        days = [day for opens, closes, day in stretches if opens <= latest < closes]
        if days:
            open_minutes.append(minute)
            per_day[min(days)] += 1
        minute += MINUTE
    return open_minutes, per_day


def _calendar(zone: str, week: dict[int, list[tuple[int, int]]], first: date, last: date) -> Calendar:
    weekly = {DAY_NAMES[day]: [_written(block) for block in blocks] for day, blocks in week.items()}
    schedule = Schedule.model_validate({"schedule_id": "s", "title": "S", "timezone": zone, "weekly": weekly})
    return expand(schedule, first, last)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(("Europe/Berlin", date(2026, 10, 25)), {6: [(150, 200)]}, 0, 0)  # 02:30 comes twice
@example(("Europe/Berlin", date(2026, 3, 29)), {6: [(150, 200)]}, 0, 0)  # 02:30 does not come
@example(("Australia/Lord_Howe", date(2026, 4, 5)), {6: [(90, 105)]}, 0, 0)
@given(st.sampled_from(CHANGES), _weeks, st.integers(-2, 1), st.integers(0, 3))
def test_a_calendar_is_open_exactly_when_the_wall_clock_says_so(
    change: tuple[str, date], week: dict[int, list[tuple[int, int]]], shift: int, length: int
) -> None:
    zone, near = change
    first = near + timedelta(days=shift)
    last = first + timedelta(days=length)
    calendar = _calendar(zone, week, first, last)
    open_minutes, per_day = _walk(ZoneInfo(zone), week, first, last)

    expanded = []
    for interval in calendar.intervals:
        minute = interval.opens_at
        while minute < interval.closes_at:
            expanded.append(minute)
            minute += MINUTE
    assert expanded == open_minutes
    assert {item.local_date: item.open_seconds // 60 for item in calendar.days} == per_day
    for earlier, later in zip(calendar.intervals, calendar.intervals[1:], strict=False):
        assert earlier.closes_at < later.opens_at
    before = 0
    for item in calendar.days:
        assert item.open_seconds_before == before
        before += item.open_seconds
    assert before == calendar.total_seconds


_seconds = st.integers(0, 9 * 86_400)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CHANGES), _weeks, _seconds, _seconds, _seconds, st.integers(1, 200_000))
def test_the_business_clock_adds_up_and_never_beats_the_calendar(
    change: tuple[str, date], week: dict[int, list[tuple[int, int]]], first: int, second: int, third: int, target: int
) -> None:
    zone, near = change
    calendar = _calendar(zone, week, near - timedelta(days=4), near + timedelta(days=4))
    origin = datetime.combine(near, time(), UTC) - timedelta(days=5)
    start, cut, stop = (origin + timedelta(seconds=offset) for offset in sorted((first, second, third)))
    whole = calendar.open_seconds(start, stop)
    assert calendar.open_seconds(start, cut) + calendar.open_seconds(cut, stop) == whole
    assert 0 <= whole <= (stop - start).total_seconds()
    due = calendar.reach(start, target)
    if due is None:
        assert calendar.total_seconds - calendar.open_seconds_before(start) < target
    else:
        assert calendar.open_seconds(start, due) == target
        assert calendar.open_seconds(start, due - timedelta(seconds=1)) == target - 1


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CHANGES), _seconds, _seconds)
def test_around_the_clock_business_time_is_calendar_time(change: tuple[str, date], first: int, second: int) -> None:
    zone, near = change
    everyday = {day: [(0, 1_440)] for day in range(7)}
    calendar = _calendar(zone, everyday, near - timedelta(days=8), near + timedelta(days=8))
    origin = datetime.combine(near, time(), UTC) - timedelta(days=5)
    start, stop = (origin + timedelta(seconds=offset) for offset in sorted((first, second)))
    assert calendar.open_seconds(start, stop) == (stop - start).total_seconds()
    assert len(calendar.intervals) == 1
