"""Which promise holds at an instant: versions, goals' dates, priorities and targets (D4, D5, D18, D19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.hours import Hours, midnight
from tests.oracle.model import AgreementVersion, Goal, PriorityChange, Target, World

UNIT_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
NEVER = 1 << 60


def dates_to_instants(zone: str, first: date | None, last: date | None) -> tuple[int, int]:
    """[from, to) of inclusive local dates in a zone; an open end is -NEVER or NEVER."""
    begin = -NEVER if first is None else midnight(zone, first)
    end = NEVER if last is None else midnight(zone, last + timedelta(days=1))
    return begin, end


def validity(version: AgreementVersion) -> tuple[int, int]:
    """[from, to) of a version's own dates, before a higher version takes any of it."""
    return dates_to_instants(version.zone, version.valid_from, version.valid_to)


def version_in_force(world: World, agreement_id: str, at: int) -> AgreementVersion | None:
    """The highest version whose dates hold the instant (D18), or None in a gap."""
    found = None
    for version in world.versions_of(agreement_id):
        begin, end = validity(version)
        if begin <= at < end:
            found = version
    return found


def goal_dates(version: AgreementVersion, goal: Goal) -> tuple[int, int]:
    """[from, to) of a goal: its own dates inside its version's."""
    begin, end = validity(version)
    goal_begin, goal_end = dates_to_instants(version.zone, goal.from_date, goal.to_date)
    return max(begin, goal_begin), min(end, goal_end)


def promise_at(
    world: World, agreement_id: str, goal_id: str, channel_id: str, at: int
) -> tuple[AgreementVersion, Goal] | None:
    """The version and goal that a clock of this line starting at `at` on this channel falls under, or None."""
    version = version_in_force(world, agreement_id, at)
    goal = version.goal(goal_id) if version else None
    if version is None or goal is None or channel_id not in version.channels:
        return None
    begin, end = goal_dates(version, goal)
    return (version, goal) if begin <= at < end else None


def target_seconds(target: Target, hours: Hours | None, start: int) -> int:
    """A target in seconds of the goal's basis, fixed at the clock's start (D5, D13)."""
    if target.unit != "business_days":
        return target.value * UNIT_SECONDS[target.unit]
    if hours is None:
        raise ValueError("business days need a schedule")
    return hours.business_days_seconds(start, target.value)


@dataclass(frozen=True)
class Retargeting:
    """The targets that a clock went through (D19)."""

    at_start: int
    at_end: int
    priority_at_start: str | None
    priority_at_end: str | None
    set_at: int | None  # the change that set `at_end`; None: in force from the start


def _last_of_each_second(changes: list[PriorityChange]) -> list[PriorityChange]:
    return list({change.at: change for change in changes}.values())


def retarget(
    goal: Goal,
    changes: list[PriorityChange],
    hours: Hours | None,
    start: int,
    stop: int | None,
    elapsed: Callable[[int], int],
) -> Retargeting | None:
    """Walk the priorities of one clock (D19). None: no priority ever had a target (`no_target`).

    `changes` is the conversation's whole history in order; `elapsed(t)` is the goal's own elapsed from the start.
    """
    changes = _last_of_each_second(changes)
    before = [c.to_priority for c in changes if c.at <= start]
    later = [c for c in changes if c.at > start]
    priority = priority_at_start = before[-1] if before else None
    first_set: PriorityChange | None = None
    if priority is not None and priority in goal.targets:
        chosen = goal.targets[priority]
    elif "default" in goal.targets:
        chosen = goal.targets["default"]
    else:
        first_set = next((c for c in later if c.to_priority in goal.targets), None)
        if first_set is None:
            return None
        chosen = goal.targets[first_set.to_priority]  # type: ignore[index]
    at_start = current = target_seconds(chosen, hours, start)
    set_at = None
    for change in later:
        if stop is not None and change.at >= stop:
            break
        if change.to_priority not in goal.targets:
            priority = change.to_priority
            continue
        # A miss that stood stays; before the first target that there was, nothing can have been missed.
        if change is not first_set and elapsed(change.at) > current:
            break
        priority, set_at = change.to_priority, change.at
        current = target_seconds(goal.targets[change.to_priority], hours, start)  # type: ignore[index]
    return Retargeting(at_start, current, priority_at_start, priority, set_at)
