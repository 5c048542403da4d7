"""What the next target may be, from how the last three whole months went: nobody signs what the past could not keep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from social_sla.agreements.config import EffectiveAgreement, EffectiveGoal
from social_sla.agreements.vocabulary import DEFAULT_TARGET

MONTHS = 3
MINUTE, HOUR = 60, 3600
_STEPS = ((HOUR, 5 * MINUTE), (4 * HOUR, 15 * MINUTE), (24 * HOUR, HOUR), (math.inf, 4 * HOUR))
"""Up to which target (seconds) it is rounded up to which step: people promise 45 minutes, not 43."""


@dataclass(frozen=True)
class Suggestion:
    """For the conversations of a goal that share a target: what the quarter cost, and which target it would have kept.

    `target_seconds` is the draft's (None: it differs from clock to clock, as business days do). `suggested_seconds` is
    the shortest round target at which the quarter reaches the goal's share; None when no target does, for too many
    were never answered. `months_missed_*` count whole months under the goal's share.
    """

    goal_id: str
    priority: str
    first_period: str
    last_period: str
    goal_rate: Decimal
    decided_count: int
    unanswered_count: int
    target_seconds: int | None
    missed_count: int
    months_missed_count: int
    suggested_seconds: int | None
    suggested_missed_count: int | None
    suggested_months_missed_count: int | None


@dataclass(frozen=True)
class Clock:
    """A decided clock: how long it took by the goal's basis, in seconds, whether it stopped, its month."""

    elapsed_seconds: int
    target_seconds: int
    is_stopped: bool
    is_missed: bool
    period: str


def suggestions(connection: duckdb.DuckDBPyConnection, agreement: EffectiveAgreement) -> Iterable[Suggestion]:
    """One for each goal and target, from marts.fct_sla_clock and the months of marts.agreement_goal_monthly."""
    for goal in agreement.goals:
        periods = [
            str(period)
            for (period,) in connection.execute(
                "select period from marts.agreement_goal_monthly where goal_id = ? and is_whole_period "
                "order by period desc limit ?",
                [goal.goal_id, MONTHS],
            ).fetchall()
        ]
        if not periods:
            continue
        for priority in sorted(goal.targets):
            clocks = list(_clocks(connection, goal, priority, periods))
            if clocks:
                yield suggestion(goal.goal_id, priority, goal.goal_rate, clocks, sorted(periods))


def _clocks(
    connection: duckdb.DuckDBPyConnection, goal: EffectiveGoal, priority: str, periods: Sequence[str]
) -> Iterable[Clock]:
    rows = connection.execute(
        "select elapsed_seconds, target_seconds, stopped_at is not null, outcome = 'missed', "
        "cast(decided_period as varchar) as period from marts.fct_sla_clock "
        "where goal_id = ? and list_contains(?, period) "
        "and (priority_at_decision = ? or (? and not list_contains(?, coalesce(priority_at_decision, ''))))",
        [goal.goal_id, list(periods), priority, priority == DEFAULT_TARGET, list(goal.targets)],
    ).fetchall()
    return [Clock(*row) for row in rows]


def suggestion(
    goal_id: str, priority: str, goal_rate: Decimal, clocks: Sequence[Clock], periods: Sequence[str]
) -> Suggestion:
    """The suggestion for clocks that share a target.

    Args:
        periods: the months that are looked at, in order.
    """
    targets = {clock.target_seconds for clock in clocks}
    suggested = shortest_kept(clocks, goal_rate)

    def missed(seconds: int) -> list[Clock]:
        return [clock for clock in clocks if clock.elapsed_seconds > seconds or not clock.is_stopped]

    later = missed(suggested) if suggested is not None else None
    return Suggestion(
        goal_id=goal_id,
        priority=priority,
        first_period=periods[0],
        last_period=periods[-1],
        goal_rate=goal_rate,
        decided_count=len(clocks),
        unanswered_count=sum(not clock.is_stopped for clock in clocks),
        target_seconds=targets.pop() if len(targets) == 1 else None,
        missed_count=sum(clock.is_missed for clock in clocks),
        months_missed_count=_months_missed(clocks, [clock for clock in clocks if clock.is_missed], goal_rate),
        suggested_seconds=suggested,
        suggested_missed_count=None if later is None else len(later),
        suggested_months_missed_count=None if later is None else _months_missed(clocks, later, goal_rate),
    )


def shortest_kept(clocks: Sequence[Clock], goal_rate: Decimal) -> int | None:
    """The shortest round target that the share `goal_rate` of the clocks keeps; None when none does."""
    needed = math.ceil(goal_rate * len(clocks))
    stopped = sorted(clock.elapsed_seconds for clock in clocks if clock.is_stopped)
    if needed == 0 or len(stopped) < needed:
        return None
    return rounded_up(max(stopped[needed - 1], 1))


def rounded_up(seconds: int) -> int:
    """A target that people would promise, not shorter."""
    step = next(step for limit, step in _STEPS if seconds <= limit)
    return int(math.ceil(seconds / step) * step)


def _months_missed(clocks: Sequence[Clock], missed: Sequence[Clock], goal_rate: Decimal) -> int:
    """Months in which the share of the met is under the goal's (M6, exact)."""
    count = 0
    for period in {clock.period for clock in clocks}:
        decided = sum(clock.period == period for clock in clocks)
        lost = sum(clock.period == period for clock in missed)
        count += Decimal(decided - lost) < goal_rate * decided
    return count
