"""D18: inclusive local dates, the higher version wins an overlap; D12: dates and times as instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from social_sla.agreements.in_force import Span, date_span, in_force
from social_sla.agreements.local_time import as_instant, day_end, day_start, first_second


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        ("Europe/Berlin", "2026-06-01T09:00", "2026-06-01T07:00"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),  # does not exist: the jump itself
        ("Europe/Berlin", "2026-03-29T02:59", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),  # exists twice: the first
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("Australia/Sydney", "2026-10-04T02:30", "2026-10-03T16:00"),
        ("Australia/Sydney", "2026-04-05T02:30", "2026-04-04T15:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # clocks go on by half an hour
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # a date that was skipped
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
        ("Africa/Cairo", "2026-04-24T00:30", "2026-04-23T22:00"),  # midnight does not exist
        ("America/Havana", "2026-11-01T00:30", "2026-11-01T04:30"),
    ],
)
def test_a_local_time_is_the_first_instant_that_shows_it_or_later(zone: str, local: str, instant: str) -> None:
    second = first_second(ZoneInfo(zone), datetime.fromisoformat(local))
    assert as_instant(second) == _at(instant)


def test_a_date_ends_where_the_next_begins() -> None:
    assert day_end("Europe/Berlin", date(2026, 3, 29)) - day_start("Europe/Berlin", date(2026, 3, 29)) == timedelta(
        hours=23
    )
    assert day_end("Europe/Berlin", date(2026, 10, 25)) - day_start("Europe/Berlin", date(2026, 10, 25)) == timedelta(
        hours=25
    )
    assert day_start("Pacific/Apia", date(2011, 12, 30)) == day_end("Pacific/Apia", date(2011, 12, 30))


def test_the_dates_of_a_version_are_inclusive_in_its_own_zone() -> None:
    assert date_span("Australia/Sydney", date(2025, 5, 1), date(2026, 2, 28)) == Span(
        _at("2025-04-30T14:00"), _at("2026-02-28T13:00")
    )
    assert date_span("America/New_York", date(2025, 5, 1), None) == Span(_at("2025-05-01T04:00"), None)


def _days(first: int, last: int | None) -> Span:
    start = _at("2026-01-01T00:00")
    return Span(start + timedelta(days=first), None if last is None else start + timedelta(days=last))


def test_the_higher_version_wins_an_overlap() -> None:
    assert in_force([(1, "v1", _days(0, None)), (2, "v2", _days(10, 20))]) == [
        ("v1", _days(0, 10)),
        ("v2", _days(10, 20)),
        ("v1", _days(20, None)),
    ]


def test_a_version_that_a_higher_one_covers_is_never_in_force() -> None:
    assert in_force([(1, "v1", _days(5, 10)), (2, "v2", _days(0, None))]) == [("v2", _days(0, None))]


def test_a_gap_between_versions_stays_a_gap() -> None:
    assert in_force([(2, "v2", _days(20, 30)), (1, "v1", _days(0, 10))]) == [
        ("v1", _days(0, 10)),
        ("v2", _days(20, 30)),
    ]


_spans = st.tuples(st.integers(0, 12), st.none() | st.integers(1, 8)).map(
    lambda pair: _days(pair[0], None if pair[1] is None else pair[0] + pair[1])
)


@given(st.lists(_spans, min_size=1, max_size=5))
def test_each_day_has_the_highest_version_that_covers_it(spans: list[Span]) -> None:
    result = in_force((number, number, span) for number, span in enumerate(spans))
    for day in range(25):
        noon = _days(day, None).from_at + timedelta(hours=12)
        covering = [number for number, span in enumerate(spans) if _holds(span, noon)]
        assert [number for number, span in result if _holds(span, noon)] == covering[-1:]


def _holds(span: Span, instant: datetime) -> bool:
    return span.from_at <= instant and (span.to_at is None or instant < span.to_at)
