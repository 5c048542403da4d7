"""A simulation in lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from social_sla.agreements.commands.words import share_words, table, value_words
from social_sla.agreements.config import EffectiveGoal
from social_sla.review import words
from social_sla.simulation.simulate import SimulatedFlag, SimulatedMonth, Simulation
from social_sla.simulation.targets import Suggestion


def simulation_lines(simulation: Simulation) -> list[str]:
    """Month by month for each goal, then the flags, then what the last months suggest."""
    agreement = simulation.agreement
    lines = [
        f"{agreement.agreement_key} over the past, as if it had always been in force (data up to "
        f"{words.utc(simulation.as_of)}).",
        "Nothing was published; what people signed is not touched. Months marked ? are not judged (T3).",
    ]
    goals = {goal.goal_id: goal for goal in agreement.goals}
    for goal_id, found in groupby(simulation.months, key=lambda month: month.goal_id):
        lines += ["", *_goal(goals[goal_id], list(found))]
    lines += ["", *_flags(agreement.raises_flags, simulation.flags)]
    if simulation.suggestions:
        first, last = simulation.suggestions[0].first_period, simulation.suggestions[0].last_period
        lines += ["", f"For the next target, from {first[:7]} to {last[:7]}"]
        for item in simulation.suggestions:
            lines += _suggestion(item, goals[item.goal_id])
    return lines


def _goal(goal: EffectiveGoal, months: list[SimulatedMonth]) -> Iterable[str]:
    yield (
        f"{goal.title} ({goal.goal_id}): {value_words(goal.targets)}, {goal.basis} time, {share_words(goal.goal_rate)}"
    )
    rows = [("month", "met", "missed", "attainment", "result")]
    for month in months:
        result = {True: "met", False: "MISSED", None: f"? {(month.indeterminate_reason or '').replace('_', ' ')}"}
        rows.append(
            (
                f"{month.period:%Y-%m}",
                str(month.met_count),
                str(month.missed_count),
                words.rate(month.attainment_rate, month.goal_rate),
                result[month.is_goal_met],
            )
        )
    yield from table(rows)
    judged = [month for month in months if month.is_goal_met is not None]
    lost = sum(month.is_goal_met is False for month in judged)
    missed = sum(month.missed_count for month in months)
    yield f"  {words.plural(lost, 'month')} missed of {len(judged)} judged, {words.plural(missed, 'clock')} missed"


def _flags(raises_flags: bool, flags: Iterable[SimulatedFlag]) -> Iterable[str]:
    found = list(flags)
    if not raises_flags:
        yield "Flags: the agreement raises none (review: raises_flags)."
    elif not found:
        yield "Flags: none would have been raised."
    else:
        yield "Flags that it would have raised"
        yield from table(
            (
                f"{flag.last_period:%Y-%m}",
                flag.goal_id or "any goal",
                f"{flag.missed_period_count} months missed since {flag.first_period:%Y-%m}",
                flag.state,
            )
            for flag in found
        )


def _suggestion(item: Suggestion, goal: EffectiveGoal) -> Iterable[str]:
    who = "" if item.priority == "default" else f", {item.priority}"
    basis = goal.basis.value
    target = str(goal.targets[item.priority])
    yield f"  {item.goal_id}{who}: {words.plural(item.decided_count, 'clock')} decided"
    yield (
        f"    at {target}, as in the draft: {item.missed_count} missed, "
        f"{words.plural(item.months_missed_count, 'month')} under {share_words(item.goal_rate)}"
    )
    if item.suggested_seconds is None:
        yield (
            f"    no target reaches {share_words(item.goal_rate)}: {item.unanswered_count} have no end at all; promise "
            "a smaller share, or answer them"
        )
        return
    suggested = words.duration(item.suggested_seconds, basis)
    unit = "of open time" if basis == "business" else "by the calendar"
    yield (
        f"    shortest round target that reaches it: {suggested} {unit}: {item.suggested_missed_count} missed, "
        f"{words.plural(item.suggested_months_missed_count or 0, 'month')} under it"
    )
