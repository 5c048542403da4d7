"""The day on which a running month's error budget will be gone at this pace (M15), and cohorts (D7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.oracle.figures import cohorts, error_budgets
from tests.oracle.monthly import monthly
from tests.oracle.story import HOUR, MINUTE, Story, goal, on

MARCH = date(2026, 3, 1)


def running_month(rate: Fraction, met: int, missed: int, as_of: int, zone: str = "UTC") -> date | None:
    """Of March: `met` answered on the 1st, `missed` asked on the 2nd and never answered, a target of an hour."""
    story = Story(goal("first_response", "1 hours", schedule_id="always", goal_rate=rate), as_of=as_of)
    for number in range(met):
        story.customer(on(1) + number, f"met{number}").agent(on(1) + number + 5 * MINUTE, f"met{number}")
    for number in range(missed):
        story.customer(on(2) + number, f"missed{number}")
    story.world.agreements = [replace(story.world.agreements[0], zone=zone)]
    clocks = story.clocks()
    months = monthly(story.world, clocks)
    return next(b.projected_date for b in error_budgets(story.world, clocks, months) if b.period == MARCH)


@pytest.mark.parametrize(
    ("rate", "met", "missed", "as_of", "expected"),
    [
        # Burn 2: half of 31 days, at noon of the 16th.
        (Fraction(9, 10), 8, 2, on(5), date(2026, 3, 16)),
        # Burn 31/10 of it: ten days, over at the very beginning of the 11th.
        (Fraction(9, 10), 69, 31, on(5), date(2026, 3, 11)),
        # Burn 4: on the 8th, which is past.
        (Fraction(9, 10), 6, 4, on(10), date(2026, 3, 10)),
        # At the pace that is allowed it lasts; without misses too.
        (Fraction(9, 10), 9, 1, on(5), None),
        (Fraction(9, 10), 9, 0, on(5), None),
        # No budget at all.
        (Fraction(1), 9, 1, on(5), None),
        # The month is over.
        (Fraction(9, 10), 8, 2, on(32), None),
    ],
)
def test_m15_the_projected_day(rate, met, missed, as_of, expected):
    assert running_month(rate, met, missed, as_of) == expected


def test_m15_the_projected_day_is_one_of_the_agreements_zone():
    # Berlin's March is an hour short: half of it is over on the 16th at 10:30 UTC.
    assert running_month(Fraction(9, 10), 8, 2, on(5), "Europe/Berlin") == date(2026, 3, 16)
    # Burn 31/10 in Kiritimati (UTC+14): the 11th begins on the 10th at 10:00 UTC, the 12th a day later.
    assert running_month(Fraction(9, 10), 69, 31, on(10, "09:59"), "Pacific/Kiritimati") == date(2026, 3, 11)
    assert running_month(Fraction(9, 10), 69, 31, on(11, "10:00"), "Pacific/Kiritimati") == date(2026, 3, 12)


def test_d7_the_cohort_is_of_the_month_of_the_start():
    """Asked on 31 March at 23:30 and never answered: April's miss, March's cohort."""
    story = Story(goal("first_response", "1 hours", schedule_id="always"), as_of=on(33))
    story.customer(on(31) + 23 * HOUR + 30 * MINUTE)
    assert cohorts(story.world, story.clocks()) == {("care", "goal", MARCH): (0, 1)}
