"""Months: attainment (M6, D7, T3), streaks (T1a, T2), approvals (T1e) and the states of flags (T2, T4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.clocks import Clock
from tests.oracle.hours import local_time, midnight
from tests.oracle.model import AgreementVersion, World
from tests.oracle.terms import NEVER, goal_dates, validity

SAME_GOAL = "same_goal_missed_consecutively"
ANY_GOAL = "any_goal_missed_consecutively"
MISSED_OF = "missed_in_some_of_last_months"
BELOW_FLOOR = "below_severity_floor"
MISSING_APPROVAL = "missing_approval"


@dataclass(frozen=True)
class PeriodResult:
    """A goal's month as a streak sees it: `is_met` None is indeterminate, with its reason (T3)."""

    period: date
    is_met: bool | None
    reason: str | None = None


@dataclass(frozen=True)
class GoalMonth:
    """One row of agreement × goal × period."""

    agreement_id: str
    goal_id: str
    period: date
    met_count: int
    missed_count: int
    excluded_count: int
    running_count: int
    attainment_rate: Fraction | None
    goal_rate: Fraction
    is_goal_met: bool | None
    indeterminate_reason: str | None
    is_low_sample: bool
    consecutive_missed_count: int

    @property
    def decided_count(self) -> int:
        """met + missed (M6)."""
        return self.met_count + self.missed_count


@dataclass(frozen=True)
class Flag:
    """A termination-review flag. Its key is all but `missed_period_count`, `first_period` and `state` (T2)."""

    agreement_id: str
    goal_id: str | None
    reason: str
    first_period: date
    last_period: date
    missed_period_count: int
    missing_party_ids: tuple[str, ...] = ()
    state: str = "raised"

    @property
    def key(self) -> tuple[str, str | None, str, date]:
        """agreement + goal + reason + last period (T2)."""
        return (self.agreement_id, self.goal_id, self.reason, self.last_period)


def month_of(day: date) -> date:
    """The first day of a date's month."""
    return day.replace(day=1)


def next_month(period: date) -> date:
    """The first day of the following month."""
    return month_of(period + timedelta(days=31))


def month_bounds(zone: str, period: date) -> tuple[int, int]:
    """[starts_at, ends_at) of a calendar month in a zone."""
    return midnight(zone, period), midnight(zone, next_month(period))


def version_on_last_day(world: World, agreement_id: str, period: date) -> AgreementVersion | None:
    """The version in force on the month's last day (T1e): the highest whose dates hold it."""
    last_day = next_month(period) - timedelta(days=1)
    found = None
    for version in world.versions_of(agreement_id):
        if version.valid_from <= last_day and (version.valid_to is None or last_day <= version.valid_to):
            found = version
    return found


def version_for_terms(world: World, agreement_id: str, period: date, goal_id: str | None = None) -> AgreementVersion:
    """Whose zone, rate and terms a month uses: the last day's version, else the latest begun before, else the first."""
    versions = [v for v in world.versions_of(agreement_id) if goal_id is None or v.goal(goal_id)]
    current = version_on_last_day(world, agreement_id, period)
    if current in versions:
        return current
    begun = [v for v in versions if v.valid_from < next_month(period)]
    return max(begun, key=lambda v: (v.valid_from, v.version)) if begun else versions[0]


def goal_stretches(world: World, agreement_id: str, goal_id: str) -> list[tuple[int, int]]:
    """When the goal is promised at all, over every version: merged [from, to) stretches."""
    found: list[tuple[int, int]] = []
    for version in world.versions_of(agreement_id):
        # The higher version wins an overlap (D18), whether it states the goal or not.
        found = _cut(found, validity(version))
        if goal := version.goal(goal_id):
            found.append(goal_dates(version, goal))
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(s for s in found if s[0] < s[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _cut(stretches: list[tuple[int, int]], hole: tuple[int, int]) -> list[tuple[int, int]]:
    left = [(b, min(e, hole[0])) for b, e in stretches]
    right = [(max(b, hole[1]), e) for b, e in stretches]
    return [s for s in left + right if s[0] < s[1]]


def period_of(world: World, clock: Clock) -> date:
    """The month that counts a clock: of its decision (D7); of its start while it has none."""
    at = clock.started_at if clock.decided_at is None else clock.decided_at
    if clock.version is not None:
        version = next(v for v in world.versions_of(clock.agreement_id) if v.version == clock.version)
    else:
        begun = [v for v in world.versions_of(clock.agreement_id) if validity(v)[0] <= at]
        version = begun[-1] if begun else world.versions_of(clock.agreement_id)[0]
    return month_of(local_time(version.zone, at).date())


def monthly(
    world: World, clocks: Iterable[Clock], gate_failed: Collection[tuple[str, date]] = frozenset()
) -> list[GoalMonth]:
    """agreement × goal × period, in order. `gate_failed` names (agreement_id, period) whose gate failed.

    A month has a row when the goal is promised in a part of it that has begun by `as_of`, or when it counts a clock.
    """
    counted: dict[tuple[str, str], dict[date, list[Clock]]] = {}
    for clock in clocks:
        months = counted.setdefault((clock.agreement_id, clock.goal_id), {})
        months.setdefault(period_of(world, clock), []).append(clock)
    found = []
    for agreement_id, goal_id in sorted({(v.agreement_id, g.goal_id) for v in world.agreements for g in v.goals}):
        months = counted.get((agreement_id, goal_id), {})
        streak = 0
        for period in _periods(world, agreement_id, goal_id, months):
            row = _month(world, agreement_id, goal_id, period, months.get(period, []), gate_failed)
            streak = next_streak(streak, row.is_goal_met)
            found.append(replace(row, consecutive_missed_count=streak))
    return found


def next_streak(streak: int, is_met: bool | None) -> int:
    """T3: a met month resets, a missed one extends, an indeterminate one does neither."""
    if is_met is None:
        return streak
    return 0 if is_met else streak + 1


def _periods(world: World, agreement_id: str, goal_id: str, counted: Collection[date]) -> list[date]:
    found = set(counted)
    for begin, end in goal_stretches(world, agreement_id, goal_id):
        if begin == -NEVER:
            raise ValueError("a version needs a first day")
        period = month_of(local_time("UTC", begin).date() - timedelta(days=2))
        while True:
            zone = version_for_terms(world, agreement_id, period, goal_id).zone
            starts_at, ends_at = month_bounds(zone, period)
            if starts_at > world.as_of or starts_at >= end:
                break
            if ends_at > begin:
                found.add(period)
            period = next_month(period)
    return sorted(found)


def _month(
    world: World,
    agreement_id: str,
    goal_id: str,
    period: date,
    clocks: list[Clock],
    gate_failed: Collection[tuple[str, date]],
) -> GoalMonth:
    terms = version_for_terms(world, agreement_id, period, goal_id)
    goal = terms.goal(goal_id)
    assert goal is not None
    outcomes = [clock.outcome for clock in clocks]
    met, missed = outcomes.count("met"), outcomes.count("missed")
    rate = Fraction(met, met + missed) if met + missed else None
    starts_at, ends_at = month_bounds(terms.zone, period)
    is_whole = any(b <= starts_at and ends_at <= e for b, e in goal_stretches(world, agreement_id, goal_id))
    is_waived = any(
        w.agreement_id == agreement_id and w.period == period and w.goal_id in (None, goal_id) for w in world.waivers
    )
    causes = {
        "gate_failed": (agreement_id, period) in gate_failed,
        "not_whole": not is_whole or ends_at > world.as_of,
        "no_data": rate is None,
        "low_sample": met + missed < terms.minimum_sample,
        "waived": is_waived,
    }
    reason = next((name for name, applies in causes.items() if applies), None)
    return GoalMonth(
        agreement_id=agreement_id,
        goal_id=goal_id,
        period=period,
        met_count=met,
        missed_count=missed,
        excluded_count=outcomes.count("excluded"),
        running_count=outcomes.count("running") + outcomes.count("paused"),
        attainment_rate=rate,
        goal_rate=goal.goal_rate,
        is_goal_met=None if reason or rate is None else rate >= goal.goal_rate,
        indeterminate_reason=reason,
        is_low_sample=met + missed < terms.minimum_sample,
        consecutive_missed_count=0,
    )


def streak_flags(
    agreement_id: str, goal_id: str | None, reason: str, results: Iterable[PeriodResult], needed: Mapping[date, int]
) -> list[Flag]:
    """T1a, T2: one flag at each missed month at which the streak is at least `needed[period]` long.

    `needed` leaves out the months at which the agreement raises no flags. Undecided states are set: the older flag of
    a streak is `superseded`, the last one is `withdrawn` once a met month ended the streak, else `raised`.
    """
    found: list[Flag] = []
    streak: list[date] = []
    of_streak: list[int] = []
    for result in sorted(results, key=lambda r: r.period):
        if result.is_met is None:
            continue
        if result.is_met:
            if of_streak:
                found[of_streak[-1]] = replace(found[of_streak[-1]], state="withdrawn")
            streak, of_streak = [], []
            continue
        streak.append(result.period)
        if len(streak) < needed.get(result.period, NEVER):
            continue
        if of_streak:
            found[of_streak[-1]] = replace(found[of_streak[-1]], state="superseded")
        of_streak.append(len(found))
        found.append(Flag(agreement_id, goal_id, reason, streak[0], result.period, len(streak)))
    return found


def window_flags(world: World, agreement_id: str, goal_id: str, results: Iterable[PeriodResult]) -> list[Flag]:
    """T1b: a missed month at which enough of the last judged months were missed; one that is not judged is left out.

    The numbers are those of the version in force on the month's last day; months of other versions count.
    """
    judged = [r for r in sorted(results, key=lambda r: r.period) if r.is_met is not None]
    seen, missed, needed = [], {}, {}
    for place, result in enumerate(judged):
        version = version_on_last_day(world, agreement_id, result.period)
        terms = version.flag_missed_of if version is not None else None
        last = judged[max(0, place + 1 - terms[1]) : place + 1] if terms else []
        missed[result.period] = [r.period for r in last if not r.is_met]
        holds = terms is not None and len(missed[result.period]) >= terms[0]
        seen.append(PeriodResult(result.period, (None if result.is_met else False) if holds else True))
        if version is not None and version.raises_flags:
            needed[result.period] = 1
    return [
        replace(flag, first_period=missed[flag.last_period][0], missed_period_count=len(missed[flag.last_period]))
        for flag in streak_flags(agreement_id, goal_id, MISSED_OF, seen, needed)
    ]


def floor_flags(world: World, agreement_id: str, goal_id: str, months: Iterable[GoalMonth]) -> list[Flag]:
    """T1c: every judged month whose attainment lies under the floor of the version in force on its last day."""
    seen, needed = [], {}
    for row in months:
        version = version_on_last_day(world, agreement_id, row.period)
        if row.is_goal_met is None or row.attainment_rate is None:
            continue
        floor = version.flag_severity_floor if version is not None else None
        seen.append(PeriodResult(row.period, floor is None or row.attainment_rate >= floor))
        if version is not None and version.raises_flags:
            needed[row.period] = 1
    return streak_flags(agreement_id, goal_id, BELOW_FLOOR, seen, needed)


def any_goal_results(by_goal: Mapping[str, Iterable[PeriodResult]]) -> list[PeriodResult]:
    """T2: a month is missed if any goal is missed, else indeterminate if any is, else met."""
    months: dict[date, list[bool | None]] = {}
    for results in by_goal.values():
        for result in results:
            months.setdefault(result.period, []).append(result.is_met)
    found = []
    for period, verdicts in sorted(months.items()):
        is_met = False if False in verdicts else (None if None in verdicts else True)
        found.append(PeriodResult(period, is_met))
    return found


def missing_parties(version: AgreementVersion, last_day: date) -> tuple[str, ...]:
    """T1e: parties without an approval of this version that was given by the day and neither revoked nor expired."""

    def is_valid(party_id: str) -> bool:
        return any(
            a.party_id == party_id
            and a.approved_date <= last_day
            and (a.revoked_date is None or a.revoked_date > last_day)
            and (a.expires_date is None or a.expires_date >= last_day)
            for a in version.approvals
        )

    return tuple(sorted(party for party in version.parties if not is_valid(party)))


def approval_flags(world: World, agreement_id: str) -> list[Flag]:
    """T1e at each month end that is over at `as_of`; T3 does not apply.

    Months in a row without all approvals are one streak: the older flag is `superseded`, the last one is `withdrawn`
    when a later month end has all of them.
    """
    results, missing = [], {}
    first = min(v.valid_from for v in world.versions_of(agreement_id))
    period = month_of(first)
    while True:
        zone = version_for_terms(world, agreement_id, period).zone
        if month_bounds(zone, period)[1] > world.as_of:
            break
        version = version_on_last_day(world, agreement_id, period)
        if version is not None:
            missing[period] = missing_parties(version, next_month(period) - timedelta(days=1))
            results.append(PeriodResult(period, not missing[period]))
        period = next_month(period)
    needed = {r.period: 1 for r in results if raises_flags(world, agreement_id, r.period)}
    flags = streak_flags(agreement_id, None, MISSING_APPROVAL, results, needed)
    return [replace(flag, missing_party_ids=missing[flag.last_period]) for flag in flags]


def raises_flags(world: World, agreement_id: str, period: date) -> bool:
    """Whether the version in force on the month's last day raises flags."""
    version = version_on_last_day(world, agreement_id, period)
    return version is not None and version.raises_flags


def all_flags(world: World, months: Iterable[GoalMonth], decided: Mapping[tuple, str] | None = None) -> list[Flag]:
    """Every flag, in order. `decided` maps a flag's key to its decision: a decided flag stays decided (T4)."""
    decided = decided or {}
    by_agreement: dict[str, dict[str, list[PeriodResult]]] = {}
    rows_of: dict[tuple[str, str], list[GoalMonth]] = {}
    for row in months:
        rows_of.setdefault((row.agreement_id, row.goal_id), []).append(row)
        results = by_agreement.setdefault(row.agreement_id, {}).setdefault(row.goal_id, [])
        results.append(PeriodResult(row.period, row.is_goal_met, row.indeterminate_reason))
    found = []
    for agreement_id in sorted({v.agreement_id for v in world.agreements}):
        by_goal = by_agreement.get(agreement_id, {})
        periods = {r.period for results in by_goal.values() for r in results}
        needed: dict[str, dict[date, int]] = {"same_goal": {}, "any_goal": {}}
        for period in periods:
            version = version_on_last_day(world, agreement_id, period)
            if version is not None and version.raises_flags:
                needed[version.flag_scope][period] = version.flag_consecutive_periods
        for goal_id, results in sorted(by_goal.items()):
            found += streak_flags(agreement_id, goal_id, SAME_GOAL, results, needed["same_goal"])
            found += window_flags(world, agreement_id, goal_id, results)
            found += floor_flags(world, agreement_id, goal_id, rows_of[agreement_id, goal_id])
        found += streak_flags(agreement_id, None, ANY_GOAL, any_goal_results(by_goal), needed["any_goal"])
        found += approval_flags(world, agreement_id)
    return [replace(flag, state="decided") if flag.key in decided else flag for flag in found]
