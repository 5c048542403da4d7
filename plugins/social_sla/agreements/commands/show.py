"""`agreements show`: every effective term of a version, and who states it."""

from __future__ import annotations

from collections.abc import Iterable

from social_sla.agreements.commands.words import dates_words, origin_words, table, value_words
from social_sla.agreements.config import Config, EffectiveAgreement, EffectiveGoal
from social_sla.agreements.promises import promised_goal


def show(config: Config, agreement: EffectiveAgreement) -> list[str]:
    """A version in lines: who, when, every term with its origin, goal by goal, and what people decided."""
    stated = agreement.stated
    lines = [
        f"{agreement.agreement_key}: {stated.title}",
        f"  {stated.kind} agreement on level {stated.level}, {dates_words(stated.valid_from, stated.valid_to)} "
        f"({agreement.timezone}), file {agreement.file_name}",
        f"  {_parent(agreement)}",
    ]
    if stated.overview:
        lines += ["", f"  {stated.overview}"]
    lines += ["", "Terms"]
    terms = {name: term for name, term in agreement.terms.items() if name != "parties"}
    lines += table(
        (name, value_words(term.value), origin_words(agreement, term)) for name, term in sorted(terms.items())
    )
    lines += ["", "Parties"]
    origin = origin_words(agreement, agreement.terms["parties"])
    lines += table(
        (party.party_id, f"{party.name} ({party.role})", origin, _approval(agreement, party.party_id))
        for party in agreement.parties
    )
    for goal in agreement.goals:
        lines += ["", *_goal(agreement, goal)]
    lines += ["", *_statement(config, agreement)]
    if agreement.waivers:
        lines += ["", "Waived months"]
        lines += table(
            (f"{waiver.period:%Y-%m}", waiver.goal or "every goal", f"{waiver.by}: {waiver.reason}")
            for waiver in agreement.waivers
        )
    return lines


def _parent(agreement: EffectiveAgreement) -> str:
    if agreement.parent_key is None:
        return "inherits from nobody"
    return f"inherits from {agreement.parent_key}, the parent's version in force when this one began"


def _approval(agreement: EffectiveAgreement, party_id: str) -> str:
    found = [item for item in agreement.approvals if item.party == party_id]
    if not found:
        return "not approved"
    last = max(found, key=lambda item: item.date)
    ends = f", revoked {last.revoked}" if last.revoked else f", until {last.expires}" if last.expires else ""
    return f"approved {last.date} by {last.by}{ends}"


def _goal(agreement: EffectiveAgreement, goal: EffectiveGoal) -> Iterable[str]:
    origin = f", inherited from {goal.inherited_from}" if goal.inherited_from else ""
    yield f"Goal {goal.goal_id}: {goal.title} ({dates_words(goal.from_date, goal.to_date)}{origin})"
    rows = [
        (name, value_words(term.value), origin_words(agreement, term))
        for name, term in sorted(goal.terms.items())
        if name not in {"title", "from_date", "to_date"}
    ]
    if goal.schedule_id and "hours" not in goal.terms:
        rows.append(("hours", goal.schedule_id, "the agreement's hours"))
    yield from table(rows)


def _statement(config: Config, agreement: EffectiveAgreement) -> Iterable[str]:
    goal = promised_goal(agreement)
    if agreement.stated.statement is None:
        yield "Public statement: none of its own"
        return
    named = f"names the time of goal {goal.goal_id}" if goal else "names no time"
    yield f"Public statement ({named}); `social_sla agreements statement` has the words"
    places = agreement.stated.statement.published
    yield from table(
        (
            item.channel,
            item.placement.value,
            item.language or "main language",
            item.url or "no address",
            _verified(item),
        )
        for item in places
    )
    without = sorted(set(agreement.channels) - {item.channel for item in places})
    if without:
        names = ", ".join(config.channel(channel_id).title for channel_id in without)
        yield f"  nowhere published: {names}"


def _verified(place: object) -> str:
    verified = getattr(place, "verified_at", None)
    return f"verified {verified}" if verified else "never verified"
