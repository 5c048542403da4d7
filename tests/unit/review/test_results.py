from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from social_sla.review import store
from social_sla.review.results import Result, result_of, streak_of
from social_sla.review.store import GoalMonth


@pytest.fixture(scope="module")
def row(built_marts: Path) -> GoalMonth:
    with store.open_marts(built_marts) as con:
        return next(item for item in store.goal_months(con) if item.period == date(2026, 3, 1))


def month(row: GoalMonth, met: int, decided: int, is_met: bool | None) -> GoalMonth:
    return replace(
        row,
        met_count=met,
        missed_count=decided - met,
        decided_count=decided,
        goal_rate=Decimal("0.9"),
        is_goal_met=is_met,
    )


@pytest.mark.parametrize(
    ("met", "decided", "is_met", "expected"),
    [
        (900, 1000, True, Result.NEAR),
        (919, 1000, True, Result.NEAR),
        (920, 1000, True, Result.MET),
        (899, 1000, False, Result.MISSED),
        (9, 9, None, Result.INDETERMINATE),
    ],
)
def test_less_than_two_points_of_room_is_narrow(
    row: GoalMonth, met: int, decided: int, is_met: bool | None, expected: Result
) -> None:
    assert result_of(month(row, met, decided, is_met)) is expected


def test_a_result_is_the_marts_own(row: GoalMonth) -> None:
    assert result_of(month(row, 899, 1000, True)) is Result.NEAR


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ([True, True, True], "met 3 months in a row"),
        ([True, False], "missed 1 month"),
        ([False, None, False, False], "missed 3 months in a row"),
        ([False, True, None], "met 1 month"),
        ([None, None], "no streak yet"),
    ],
)
def test_indeterminate_months_neither_extend_nor_end_a_streak(
    row: GoalMonth, months: list[bool | None], expected: str
) -> None:
    history = [replace(row, is_goal_met=is_met, consecutive_missed_count=0) for is_met in months]
    assert streak_of(history).words == expected
