"""A month's figures beside attainment: by team and person, percentiles (M16), error budget (M15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.clocks import Clock
from tests.oracle.hours import local_time
from tests.oracle.model import World
from tests.oracle.monthly import GoalMonth, month_bounds, month_of, period_of, version_for_terms


@dataclass(frozen=True)
class TeamMonth:
    """One row of agreement × goal × team × person × period: only of clocks decided in it (D7).

    `team_id` None: nobody had the conversation when the clock started. `team_member_id` None: no one person had it, or
    the agreement measures no people (P4).
    """

    agreement_id: str
    goal_id: str
    team_id: str | None
    team_member_id: str | None
    period: date
    met_count: int
    missed_count: int
    stopped_count: int
    p50_seconds: Fraction | None
    p90_seconds: Fraction | None

    @property
    def decided_count(self) -> int:
        """met + missed (M6)."""
        return self.met_count + self.missed_count

    @property
    def attainment_rate(self) -> Fraction | None:
        """M6: exact; None when nothing is decided."""
        return Fraction(self.met_count, self.decided_count) if self.decided_count else None


@dataclass(frozen=True)
class ErrorBudget:
    """One row of agreement × goal × period (M15).

    `budget` is how many clocks may be missed, `burn_rate` which part of that is (over 1: overspent), `exhausted_date`
    the local date of the first miss that is more than the budget; `projected_date`, of the month that runs at `as_of`,
    the one on which the whole month's budget is gone at this pace.
    """

    agreement_id: str
    goal_id: str
    period: date
    decided_count: int
    budget: Fraction
    burn_rate: Fraction | None
    exhausted_date: date | None
    projected_date: date | None


def percentile(values: Sequence[int], share: Fraction) -> Fraction | None:
    """The value that `share` of the values lie under, interpolated between the two next to it; None of no values."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def team_months(world: World, clocks: Iterable[Clock], with_people: bool = True) -> list[TeamMonth]:
    """Rows of the teams that have decided clocks. Without people: one row a team, whoever of it had them."""
    groups: dict[tuple, list[Clock]] = {}
    for clock in clocks:
        if clock.decided_at is not None:
            member_id = clock.team_member_id if with_people else None
            key = (clock.agreement_id, clock.goal_id, clock.team_id, member_id, period_of(world, clock))
            groups.setdefault(key, []).append(clock)
    found = []
    for key in sorted(groups, key=str):
        outcomes = [clock.outcome for clock in groups[key]]
        elapsed = [clock.elapsed_seconds for clock in groups[key] if clock.stopped_at is not None]
        found.append(
            TeamMonth(
                *key,
                met_count=outcomes.count("met"),
                missed_count=outcomes.count("missed"),
                stopped_count=len(elapsed),
                p50_seconds=percentile(elapsed, Fraction(1, 2)),
                p90_seconds=percentile(elapsed, Fraction(9, 10)),
            )
        )
    return found


def people_months(world: World, clocks: Iterable[Clock]) -> list[TeamMonth]:
    """Rows of the people, in months whose terms let people be measured (P4)."""
    return [
        row
        for row in team_months(world, clocks)
        if version_for_terms(world, row.agreement_id, row.period, row.goal_id).measures_people
    ]


def cohorts(world: World, clocks: Iterable[Clock]) -> dict[tuple[str, str, date], tuple[int, int]]:
    """agreement, goal and month of start → met and missed of the clocks that started in it (D7)."""
    found: dict[tuple[str, str, date], tuple[int, int]] = {}
    for clock in clocks:
        if clock.decided_at is not None:
            version = next(v for v in world.versions_of(clock.agreement_id) if v.version == clock.version)
            period = month_of(local_time(version.zone, clock.started_at).date())
            met, missed = found.get((clock.agreement_id, clock.goal_id, period), (0, 0))
            is_met = clock.outcome == "met"
            found[clock.agreement_id, clock.goal_id, period] = (met + is_met, missed + (not is_met))
    return found


def error_budgets(world: World, clocks: Iterable[Clock], months: Iterable[GoalMonth]) -> list[ErrorBudget]:
    """A row for each of the months, which must be those of the clocks."""
    decided: dict[tuple[str, str, date], list[Clock]] = {}
    for clock in clocks:
        if clock.decided_at is not None:
            key = (clock.agreement_id, clock.goal_id, period_of(world, clock))
            decided.setdefault(key, []).append(clock)
    found = []
    for month in months:
        allowed = 1 - month.goal_rate
        budget = allowed * month.decided_count
        missed = [
            c for c in decided.get((month.agreement_id, month.goal_id, month.period), []) if c.outcome == "missed"
        ]
        missed.sort(key=lambda clock: clock.decided_at or 0)
        burn_rate = None
        if allowed and month.decided_count:
            burn_rate = Fraction(month.missed_count, month.decided_count) / allowed
        found.append(
            ErrorBudget(
                agreement_id=month.agreement_id,
                goal_id=month.goal_id,
                period=month.period,
                decided_count=month.decided_count,
                budget=budget,
                burn_rate=burn_rate,
                exhausted_date=next(
                    (_local_date(world, clock) for count, clock in enumerate(missed, start=1) if count > budget), None
                ),
                projected_date=None if burn_rate is None else _projected_date(world, month, burn_rate),
            )
        )
    return found


def _projected_date(world: World, month: GoalMonth, burn_rate: Fraction) -> date | None:
    """When the whole month's budget is gone, if decisions and misses go on evenly: after 1 ÷ burn of the month.

    Not before `as_of`; None if it lasts, and for a month that is over.
    """
    zone = version_for_terms(world, month.agreement_id, month.period, month.goal_id).zone
    starts_at, ends_at = month_bounds(zone, month.period)
    if ends_at <= world.as_of or burn_rate <= 1:
        return None
    return local_time(zone, max(starts_at + int((ends_at - starts_at) / burn_rate), world.as_of)).date()


def _local_date(world: World, clock: Clock) -> date:
    """The date on which a clock was decided, in the zone that puts it into its month: that of its own version."""
    version = next(v for v in world.versions_of(clock.agreement_id) if v.version == clock.version)
    assert clock.decided_at is not None
    return local_time(version.zone, clock.decided_at).date()
