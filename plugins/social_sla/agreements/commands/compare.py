"""`agreements diff`: what changes between two versions, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from social_sla.agreements.commands.words import dates_words, share_words, value_words
from social_sla.agreements.config import EffectiveAgreement, EffectiveGoal
from social_sla.agreements.promises import length_of
from social_sla.agreements.values import Duration

_TERM_WORDS = {
    "provider": "Who serves",
    "customer": "Who is served",
    "timezone": "The zone of dates and months",
    "channels": "The channels",
    "hours": "The hours",
    "measures_people": "People are measured one by one",
    "tolerance": "What is not tolerated",
    "consecutive_periods": "Missed months in a row that raise a flag",
    "flag_scope": "What counts as the same streak",
    "minimum_sample": "The smallest sample that is judged",
    "raises_flags": "Flags are raised",
}
_GOAL_WORDS = {
    "title": "the title",
    "metric": "the measure",
    "basis": "the basis",
    "subject": "on whom it is",
    "responder": "whose answer counts",
    "pause_statuses": "the statuses in which the clock stands still",
    "priorities": "the priorities that it is about",
    "teams": "the teams that it is about",
    "schedule_id": "the hours",
    "from_date": "its first date",
    "to_date": "its last date",
}


def differences(old: EffectiveAgreement, new: EffectiveAgreement) -> list[str]:
    """What is different in `new`, a sentence each, the weightiest first: goals, then terms, parties and approvals."""
    return [
        *_goals(old, new),
        *_terms(old, new),
        *_parties(old, new),
        *_head(old, new),
    ]


def _goals(old: EffectiveAgreement, new: EffectiveAgreement) -> Iterable[str]:
    before = {goal.goal_id: goal for goal in old.goals}
    after = {goal.goal_id: goal for goal in new.goals}
    for goal_id in sorted(before.keys() - after.keys()):
        yield f"Goal {goal_id} is dropped: {_goal_words(before[goal_id])}."
    for goal_id in sorted(after.keys() - before.keys()):
        yield f"Goal {goal_id} is new: {_goal_words(after[goal_id])}."
    for goal_id in sorted(before.keys() & after.keys()):
        yield from _goal(goal_id, before[goal_id], after[goal_id])


def _goal_words(goal: EffectiveGoal) -> str:
    return (
        f"{goal.metric.value.replace('_', ' ')} within {value_words(goal.targets)} ({goal.basis} time), "
        f"{share_words(goal.goal_rate)}"
    )


def _goal(goal_id: str, old: EffectiveGoal, new: EffectiveGoal) -> Iterable[str]:
    for priority in sorted(old.targets.keys() | new.targets.keys()):
        yield from _target(goal_id, priority, old.targets.get(priority), new.targets.get(priority))
    if old.goal_rate != new.goal_rate:
        way = "stricter" if new.goal_rate > old.goal_rate else "looser"
        yield f"Goal {goal_id}: {share_words(new.goal_rate)} are to be met, not {share_words(old.goal_rate)} ({way})."
    for name, words in _GOAL_WORDS.items():
        before, after = getattr(old, name), getattr(new, name)
        if name in {"from_date", "to_date"} and not _is_dated(old, new, name):
            continue
        if before != after:
            yield f"Goal {goal_id}: {words}: {value_words(before)} becomes {value_words(after)}."


def _is_dated(old: EffectiveGoal, new: EffectiveGoal, name: str) -> bool:
    """Whether a goal has a date of its own; else its dates are its version's."""
    return name in old.terms or name in new.terms


def _target(goal_id: str, priority: str, old: Duration | None, new: Duration | None) -> Iterable[str]:
    who = "" if priority == "default" else f" for {priority}"
    if old == new:
        return
    if old is None:
        yield f"Goal {goal_id}: a target{who or ' for what has no other'} is new: {new}."
    elif new is None:
        yield f"Goal {goal_id}: the target{who or ' for what has no other'}, {old}, is dropped."
    else:
        way = "same length" if length_of(old) == length_of(new) else _way(old, new)
        yield f"Goal {goal_id}: the target{who} goes from {old} to {new} ({way})."


def _way(old: Duration, new: Duration) -> str:
    return "looser" if length_of(new) > length_of(old) else "stricter"


def _terms(old: EffectiveAgreement, new: EffectiveAgreement) -> Iterable[str]:
    for name in sorted((old.terms.keys() | new.terms.keys()) - {"parties", "channels"}):
        before, after = _value(old, name), _value(new, name)
        if before != after:
            words = _TERM_WORDS.get(name, name.replace("_", " ").replace(".", ": ").capitalize())
            yield f"{words}: {value_words(before)} becomes {value_words(after)}."
    for channel_id in sorted(set(old.channels) - set(new.channels)):
        yield f"Channel {channel_id} is no longer covered."
    for channel_id in sorted(set(new.channels) - set(old.channels)):
        yield f"Channel {channel_id} is covered from now on."
    yield from _places(old, new)


def _value(agreement: EffectiveAgreement, name: str) -> Any:
    return agreement.terms[name].value if name in agreement.terms else None


def _places(old: EffectiveAgreement, new: EffectiveAgreement) -> Iterable[str]:
    def places(agreement: EffectiveAgreement) -> dict[tuple[str, ...], Any]:
        statement = agreement.stated.statement
        listed = statement.published if statement else ()
        return {(item.channel, item.placement.value, item.language or "main language"): item for item in listed}

    before, after = places(old), places(new)
    for key in sorted(before.keys() - after.keys()):
        yield f"The public statement no longer stands in {' of '.join(key[1::-1])} ({key[2]})."
    for key in sorted(after.keys() - before.keys()):
        yield f"The public statement stands in {' of '.join(key[1::-1])} ({key[2]}) too."


def _parties(old: EffectiveAgreement, new: EffectiveAgreement) -> Iterable[str]:
    before = {party.party_id: party for party in old.parties}
    after = {party.party_id: party for party in new.parties}
    for party_id in sorted(before.keys() - after.keys()):
        yield f"{before[party_id].name} is no party any more."
    for party_id in sorted(after.keys() - before.keys()):
        yield f"{after[party_id].name} joins as {after[party_id].role}."
    for party_id in sorted(before.keys() & after.keys()):
        name = after[party_id].name
        for field in ("name", "role"):
            first, second = getattr(before[party_id], field), getattr(after[party_id], field)
            if first != second:
                yield f"{name}: the {field} was {first}."
        for duty in before[party_id].obligations:
            if duty not in after[party_id].obligations:
                yield f"{name} no longer has the duty: {duty}"
        for duty in after[party_id].obligations:
            if duty not in before[party_id].obligations:
                yield f"{name} has a new duty: {duty}"
    approved = {item.party for item in new.approvals}
    for party_id in sorted(after.keys() - approved):
        was = " (the other version is approved)" if party_id in {item.party for item in old.approvals} else ""
        yield f"{after[party_id].name} has not approved {new.agreement_key}{was}."


def _head(old: EffectiveAgreement, new: EffectiveAgreement) -> Iterable[str]:
    for name in ("title", "kind", "level"):
        before, after = getattr(old.stated, name), getattr(new.stated, name)
        if before != after:
            yield f"The {name}: {value_words(before)} becomes {value_words(after)}."
    if old.parent_key != new.parent_key:
        yield f"It inherits from {new.parent_key or 'nobody'}, not from {old.parent_key or 'nobody'}."
    first = dates_words(old.stated.valid_from, old.stated.valid_to)
    second = dates_words(new.stated.valid_from, new.stated.valid_to)
    if first != second:
        yield f"It is valid {second}; the other one {first}."
