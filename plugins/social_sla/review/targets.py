"""Targets as words: those that a goal states by priority, and the one that a clock started with."""

from __future__ import annotations

import json
from decimal import Decimal

from social_sla.review import words
from social_sla.review.store import Row

DEFAULT = "default"
_PRIORITIES = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
_UNIT_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}


def stated_targets(goal: Row) -> dict[str, str]:
    """dim_goal.targets_by_priority: priority (or `default`) → `4 hours`."""
    stated = goal.get("targets_by_priority")
    return json.loads(stated) if isinstance(stated, str) else {}


def targets_words(goal: Row, basis: str) -> str:
    """A goal's targets from dim_goal, by priority where they differ: `urgent 1 h, low 1 business day`."""
    shown = {priority: one_target(text, basis) for priority, text in stated_targets(goal).items()}
    if not shown:
        seconds = goal.get("target_seconds")
        return words.NO_VALUE if seconds is None else words.duration(seconds, basis)
    if set(shown) == {DEFAULT}:
        return shown[DEFAULT]
    order = sorted(shown, key=lambda priority: (priority == DEFAULT, _PRIORITIES.get(priority, 9), priority))
    return ", ".join(f"{'otherwise' if name == DEFAULT else name} {shown[name]}" for name in order)


def one_target(text: str, basis: str) -> str:
    """`4 hours` → `4 h`; business days stay what they are, because their length is that of the day (D5)."""
    value, _, unit = text.partition(" ")
    number = words.as_decimal(value) or Decimal(0)
    if unit in _UNIT_SECONDS:
        return words.duration(number * _UNIT_SECONDS[unit], basis)
    one = unit.removesuffix("s").replace("_", " ")
    return f"{words.decimal_text(number)} {one if number == 1 else one + 's'}"


def of_basis(seconds: int | None, basis: str) -> str:
    """`4 h of business time`, `4 h around the clock`."""
    return f"{words.duration(seconds, basis)} {'of business time' if basis == 'business' else 'around the clock'}"


def target_line(clock: Row, goal: Row) -> str:
    """The target in force at the start, and whose it is: its priority's, the default, a later one's (D4, D5, D19)."""
    basis, priority = clock["basis"], clock["priority"]
    seconds = clock.get("target_seconds_at_start")
    seconds = clock["target_seconds"] if seconds is None else seconds
    stated = stated_targets(goal)
    if seconds is None:
        return f"No target: {_no_target(priority)} (D19)."
    text = f"Target {of_basis(seconds, basis)}"
    own = stated.get(priority or "") or stated.get(DEFAULT)
    if own and own.endswith("business_days"):
        text = f"Target {one_target(own, basis)}: {of_basis(seconds, basis)}, fixed at the start (D5, D13)"
    if priority in stated:
        return f"{text}, that of priority {priority}, which was in force at the start (D4)."
    if set(stated) <= {DEFAULT}:
        return f"{text}."
    if DEFAULT in stated:
        why = f"priority {priority} has none of its own" if priority else "no priority was set at the start"
        return f"{text}, the default: {why} (D19)."
    later = clock.get("priority_at_decision")
    return f"{text}: {_no_target(priority)}, so it is that of the first priority set later that has one, {later} (D19)."


def _no_target(priority: str | None) -> str:
    return f"priority {priority} has none" if priority else "no priority was set at the start"
