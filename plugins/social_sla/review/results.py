"""What a goal's month is called in the review: met, met narrowly, missed or indeterminate; and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from social_sla.review.store import GoalMonth

# A near miss is a warning to the people in the room, not a measure: it never changes a result (docs/review-pack.md).
NEAR_MISS_ROOM = Decimal("0.02")
NEAR_TARGET_SHARE = Decimal("0.9")
JUST_OVER_SHARE = Decimal("1.1")

INDETERMINATE_REASONS = {
    "gate_failed": "the quality gate failed",
    "not_whole": "the month is not over, or not wholly inside the goal's dates",
    "no_data": "nothing was decided in this month",
    "low_sample": "too few decided clocks to judge",
    "waived": "waived",
}


class Result(StrEnum):
    """How a goal did in a month. `NEAR` is a met goal with less than two points of room."""

    MET = "met"
    NEAR = "near"
    MISSED = "missed"
    INDETERMINATE = "indeterminate"


RESULT_WORDS = {
    Result.MET: "Met",
    Result.NEAR: "Met narrowly",
    Result.MISSED: "Missed",
    Result.INDETERMINATE: "Indeterminate",
}


@dataclass(frozen=True)
class Streak:
    """How many months in a row the goal has been met, or missed. Indeterminate months neither extend nor reset (T3)."""

    is_met: bool | None
    months: int

    @property
    def words(self) -> str:
        if self.is_met is None or self.months == 0:
            return "no streak yet"
        verb = "met" if self.is_met else "missed"
        return f"{verb} 1 month" if self.months == 1 else f"{verb} {self.months} months in a row"


def result_of(row: GoalMonth) -> Result:
    """The month's result as the mart decided it (M6); only the word `narrowly` is added here."""
    if row.is_goal_met is None:
        return Result.INDETERMINATE
    if not row.is_goal_met:
        return Result.MISSED
    room = room_of(row)
    return Result.NEAR if room is not None and room < NEAR_MISS_ROOM else Result.MET


def room_of(row: GoalMonth) -> Decimal | None:
    """Attainment less goal, 0–1; from the counts where they are there, because those are exact."""
    if row.decided_count:
        return Decimal(row.met_count) / Decimal(row.decided_count) - row.goal_rate
    return None if row.attainment_rate is None else row.attainment_rate - row.goal_rate


def indeterminate_words(reason: str | None) -> str:
    return INDETERMINATE_REASONS.get(reason or "", reason or "no reason given")


def streak_of(history: Sequence[GoalMonth]) -> Streak:
    """The streak that ends at the last of one goal's months, in order; of misses it is the mart's own count."""
    determined = [row for row in history if row.is_goal_met is not None]
    if not determined:
        return Streak(None, 0)
    latest = determined[-1].is_goal_met
    months = 0
    for row in reversed(determined):
        if row.is_goal_met is not latest:
            break
        months += 1
    stated = history[-1].consecutive_missed_count
    return Streak(latest, stated if latest is False and stated else months)
