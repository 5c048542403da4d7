from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from social_sla.review.counted_hours import Stretch, counted_days, day_lines

ZONES = ("UTC", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "Asia/Kathmandu")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def lines(running: list[Stretch], hours: list[Stretch] | None, zone: str, basis: str = "business") -> list[str]:
    return day_lines(counted_days(running, hours, zone), basis, zone)


def test_only_open_hours_count_and_each_on_its_local_date() -> None:
    zone = "America/New_York"
    hours = [(local(f"2026-10-{day:02d} 09:00", zone), local(f"2026-10-{day:02d} 17:00", zone)) for day in (5, 6, 8)]
    running = [(local("2026-10-05 14:10", zone), local("2026-10-08 09:00:30", zone))]
    assert lines(running, hours, zone) == [
        "Mon 5 Oct 14:10–17:00 2 h 50 min (open 09:00–17:00)",
        "Tue 6 Oct 09:00–17:00 8 h (open 09:00–17:00)",
        "Thu 8 Oct 09:00–09:00:30 30 s (open 09:00–17:00)",
    ]


def test_a_block_over_midnight_is_on_two_dates() -> None:
    zone = "Europe/Berlin"
    hours = [(local("2026-10-05 22:00", zone), local("2026-10-06 06:00", zone))]
    running = [(local("2026-10-05 21:00", zone), local("2026-10-06 05:00", zone))]
    assert lines(running, hours, zone) == [
        "Mon 5 Oct 22:00–24:00 2 h (open 22:00–24:00)",
        "Tue 6 Oct 00:00–05:00 5 h (open 00:00–06:00)",
    ]


@pytest.mark.parametrize(
    ("day", "total", "shown"),
    [
        ("2026-03-29", 23, "Sun 29 Mar 00:00 CET–24:00 23 h"),
        ("2026-10-25", 25, "Sun 25 Oct 00:00 CEST–24:00 25 h"),
        ("2026-10-26", 24, "Mon 26 Oct 00:00–24:00 24 h"),
    ],
)
def test_the_day_of_a_change_of_clocks_has_its_own_length(day: str, total: int, shown: str) -> None:
    begin = local(f"{day} 00:00", "Europe/Berlin")
    (found,) = counted_days([(begin, begin + timedelta(hours=total))], None, "Europe/Berlin")
    assert (found.day, found.seconds) == (date.fromisoformat(day), total * 3600)
    assert day_lines([found], "business", "Europe/Berlin") == [shown]


def test_a_time_that_exists_twice_says_which_one() -> None:
    running = [(utc("2026-10-25 00:30"), utc("2026-10-25 01:15"))]
    assert lines(running, None, "Europe/Berlin") == ["Sun 25 Oct 02:30 CEST–02:15 CET 45 min"]
    later = [(utc("2026-10-25 07:00"), utc("2026-10-25 08:00"))]
    assert lines(later, None, "Europe/Berlin") == ["Sun 25 Oct 08:00–09:00 1 h"]


def test_a_date_whose_midnight_does_not_exist_begins_with_its_first_instant() -> None:
    """Santiago's clocks went from 24:00 to 01:00."""
    running = [(utc("2026-09-06 03:00"), utc("2026-09-06 05:00"))]
    found = counted_days(running, None, "America/Santiago")
    assert [(day.day.isoformat(), day.seconds) for day in found] == [("2026-09-05", 3600), ("2026-09-06", 3600)]


def test_a_change_of_priority_does_not_cut_a_day() -> None:
    running = [
        (utc("2026-10-05 09:00"), utc("2026-10-05 10:00")),
        (utc("2026-10-05 10:00"), utc("2026-10-05 11:00")),
        (utc("2026-10-05 12:00"), utc("2026-10-05 13:00")),
    ]
    assert lines(running, None, "UTC") == ["Mon 5 Oct 09:00–11:00, 12:00–13:00 3 h"]


def test_eleven_days_are_shortened_and_ten_are_not() -> None:
    start = utc("2026-12-24 00:00")
    ten = lines([(start, start + timedelta(days=10))], None, "UTC", "calendar")
    assert len(ten) == 10
    assert ten[0] == "Thu 24 Dec 2026 00:00–24:00 24 h"
    eleven = lines([(start, start + timedelta(days=11))], None, "UTC", "calendar")
    assert len(eleven) == 9
    assert eleven[4] == "… 3 more days, Mon 28 Dec 2026 to Wed 30 Dec 2026: 3 d"
    assert eleven[-1] == "Sun 3 Jan 2027 00:00–24:00 24 h"


def test_nothing_counts_where_nothing_is_open() -> None:
    assert counted_days([(utc("2026-10-05 09:00"), utc("2026-10-05 10:00"))], [], "UTC") == []
    assert counted_days([(utc("2026-10-05 09:00"), utc("2026-10-05 09:00"))], None, "UTC") == []


instants = st.integers(0, 40 * 86_400).map(lambda second: utc("2026-03-01 00:00") + timedelta(seconds=second))
stretches = st.lists(instants, max_size=8, unique=True).map(
    lambda found: [pair for number, pair in enumerate(pairwise(sorted(found))) if number % 2 == 0]
)


@given(stretches, stretches, st.sampled_from(ZONES))
def test_the_days_add_up_to_what_lies_in_both(running: list[Stretch], hours: list[Stretch], zone: str) -> None:
    """Against the plain sum of overlaps: every second is on one date, none is lost at a midnight."""
    found = counted_days(running, hours, zone)
    overlaps = [max(timedelta(), min(one[1], other[1]) - max(one[0], other[0])) for one in running for other in hours]
    assert sum(day.seconds for day in found) == int(sum(overlaps, timedelta()).total_seconds())
    assert [day.day for day in found] == sorted({day.day for day in found})
    for day in found:
        for start, stop in day.counted:
            assert start.astimezone(ZoneInfo(zone)).date() == day.day
            assert (stop - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day.day
