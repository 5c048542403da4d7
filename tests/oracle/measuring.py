"""What a clock of one start and stop shows: elapsed, pauses, targets, due, outcome (D1, D2, D6, D17, D19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle.hours import Hours, first_reaching
from tests.oracle.model import Goal, World
from tests.oracle.terms import Retargeting, retarget
from tests.oracle.timeline import own_statuses


@dataclass(frozen=True)
class Measure:
    """What the clock of one start and stop shows at one `as_of`."""

    targets: Retargeting | None
    due_at: int | None
    calendar: int
    business: int
    paused: int
    outcome: str  # met, missed, running, paused, or no_target


def hours_of(world: World, goal: Goal) -> Hours | None:
    """The goal's business clock; None: no hours named, every second is open. One object a schedule and world."""
    if goal.schedule_id is None:
        return None
    cache = world.__dict__.setdefault("_hours", {})
    if goal.schedule_id not in cache:
        cache[goal.schedule_id] = Hours(world.schedules[goal.schedule_id])
    return cache[goal.schedule_id]


def pauses(world: World, conversation_id: str, goal: Goal, begin: int, end: int) -> list[tuple[int, int]]:
    """Stretches of [begin, end) in whose status the goal rests (D17, M4, M5); without a status it does not."""
    changes = own_statuses(world, conversation_id)
    found = []
    for index, change in enumerate(changes):
        until = changes[index + 1].at if index + 1 < len(changes) else end
        low, high = max(change.at, begin), min(until, end)
        if change.to_status in goal.resting_statuses and low < high:
            found.append((low, high))
    return found


def is_paused_at(world: World, conversation_id: str, goal: Goal, at: int) -> bool:
    """Whether the status at second `at` is a pause status (a change in that second is in force)."""
    before = [c.to_status for c in own_statuses(world, conversation_id) if c.at <= at]
    return bool(before) and before[-1] in goal.resting_statuses


def measure(world: World, conversation_id: str, goal: Goal, start: int, stop: int | None, as_of: int) -> Measure:
    """Elapsed, targets, due and outcome of a clock, as seen at `as_of` (D1, D2, D6, D17, D19)."""
    hours = hours_of(world, goal)
    end = max(start, as_of if stop is None else stop)
    breaks = pauses(world, conversation_id, goal, start, end)

    def calendar(until: int) -> int:
        return until - start - sum(max(0, min(high, until) - low) for low, high in breaks)

    def business(until: int) -> int:
        if hours is None:
            return calendar(until)
        inside = sum(hours.open_seconds(low, min(high, until)) for low, high in breaks)
        return hours.open_seconds(start, until) - inside

    elapsed = calendar if goal.basis == "calendar" else business
    known = [c for c in world.priorities_of.get(conversation_id, []) if c.at <= as_of]
    targets = retarget(goal, known, hours, start, stop, elapsed)
    paused = sum(high - low for low, high in breaks)
    numbers = {"calendar": calendar(end), "business": business(end), "paused": paused}
    if targets is None:
        return Measure(None, None, outcome="no_target", **numbers)
    waits = stop is None and is_paused_at(world, conversation_id, goal, as_of)
    outcome = _outcome(elapsed(end), targets.at_end, stop is not None, waits)
    due_at = None
    if not waits or elapsed(end) >= targets.at_end:
        due_at = _due(elapsed, start, targets)
    return Measure(targets, due_at, outcome=outcome, **numbers)


def _outcome(elapsed: int, target: int, is_stopped: bool, is_waiting: bool) -> str:
    if elapsed > target:
        return "missed"
    if is_stopped:
        return "met"
    return "paused" if is_waiting else "running"


def _due(elapsed: Callable[[int], int], start: int, targets: Retargeting) -> int:
    """D2, and D19: the later of start + new target and the change itself."""
    due_at = first_reaching(elapsed, start, targets.at_end)
    return due_at if targets.set_at is None else max(due_at, targets.set_at)
