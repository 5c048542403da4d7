from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from social_sla.review import words


@pytest.mark.parametrize(
    ("seconds", "basis", "expected"),
    [
        (0, "business", "0 s"),
        (45, "business", "45 s"),
        (60, "business", "1 min"),
        (601, "business", "10 min 01 s"),
        (14400, "business", "4 h"),
        (14401, "business", "4 h 00 min 01 s"),
        (14460, "business", "4 h 01 min"),
        (360_000, "business", "100 h"),
        (172_799, "calendar", "47 h 59 min 59 s"),
        (172_801, "calendar", "2 d 00 h 00 min 01 s"),
        (-61, "business", "−1 min 01 s"),
        (10.5, "business", "10 s"),
        (None, "business", "–"),
    ],
)
def test_durations_read_exactly(seconds: float | None, basis: str, expected: str) -> None:
    assert words.duration(seconds, basis) == expected


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.sampled_from(["business", "calendar"]))
def test_two_different_durations_never_read_alike(one: int, other: int, basis: str) -> None:
    assert (words.duration(one, basis) == words.duration(other, basis)) == (one == other)


@pytest.mark.parametrize(
    ("value", "goal", "expected"),
    [
        ("0.9", "0.9", "90 %"),
        ("0.89996", "0.9", "89.996 %"),
        ("0.9000001", "0.9", "90.00001 %"),
        ("0.99999", None, "99.999 %"),
        ("1", "0.9", "100 %"),
        ("0.784", "0.9", "78.4 %"),
        ("0", "0.9", "0 %"),
        ("0.0001", "0.9", "0.01 %"),
        (0.7843137254901961, "0.9", "78.4 %"),
        (None, "0.9", "–"),
    ],
)
def test_a_share_is_never_rounded_across_its_goal(value: object, goal: str | None, expected: str) -> None:
    assert words.rate(value, goal) == expected


@given(st.integers(0, 5000), st.integers(1, 5000), st.sampled_from(["0.5", "0.75", "0.8", "0.9", "0.95", "0.999"]))
def test_a_share_reads_on_its_own_side_of_the_goal(met: int, missed: int, goal: str) -> None:
    exact = Decimal(met) / Decimal(met + missed)
    shown = Decimal(words.rate(exact, goal).removesuffix(" %")) / 100
    assert (shown < Decimal(goal)) == (exact < Decimal(goal))


def test_room_is_never_a_rounded_zero() -> None:
    assert words.points(Decimal("0.0213")) == "+2.1 points"
    assert words.points(Decimal("-0.15")) == "−15.0 points"
    assert words.points(Decimal("-0.0000031")) == "−0.0003 points"
    assert words.points(Decimal(0)) == "exactly the goal"


def test_local_time_stands_beside_utc() -> None:
    at = datetime(2026, 10, 5, 14, 4, 11, tzinfo=UTC)
    assert words.local(at, "America/New_York") == "Mon 5 Oct 2026 10:04:11 EDT (14:04:11 UTC)"
    assert words.local(at, "Australia/Sydney") == "Tue 6 Oct 2026 01:04:11 AEDT (Mon 5 Oct 14:04:11 UTC)"
    assert words.local(at, "UTC") == "Mon 5 Oct 2026 14:04:11 UTC"


def test_a_period_ends_in_its_own_zone() -> None:
    start, end = words.period_bounds(date(2026, 10, 1), "Australia/Sydney")
    assert (start, end) == (datetime(2026, 9, 30, 14, tzinfo=UTC), datetime(2026, 10, 31, 13, tzinfo=UTC))


def test_months() -> None:
    assert words.parse_period("2026-10") == words.parse_period("2026-10-31") == date(2026, 10, 1)
    assert words.next_period(date(2026, 12, 1)) == date(2027, 1, 1)
    assert words.period_back(date(2026, 1, 1), 13) == date(2024, 12, 1)
    with pytest.raises(ValueError, match="is not a month"):
        words.parse_period("October")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E-mail support", "E-mail support"),
        ("a\u202eb", "a\ufffdb"),
        ("a\nb\x00", "a b\ufffd"),
        ("=cmd|' /C calc'!A0", "\u2060=cmd|' /C calc'!A0"),
        ("@SUM(A1)", "\u2060@SUM(A1)"),
        ("-2+3+cmd", "\u2060-2+3+cmd"),
        ("+2.1 points", "+2.1 points"),
        ("عميل", "عميل"),
    ],
)
def test_steering_characters_are_made_harmless(text: str, expected: str) -> None:
    assert words.clean(text) == expected
    assert words.clean(expected) == expected
