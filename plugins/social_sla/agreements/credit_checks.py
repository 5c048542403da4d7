"""What service credits and the decisions about them must hold beyond the shape of each value (C1 to C5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from social_sla.agreements.config import EffectiveAgreement
from social_sla.agreements.credit_models import CreditDecision, CreditDecisionsFile, CreditDecisionWord
from social_sla.agreements.credits import banded_goals, gives_credits
from social_sla.agreements.errors import Path, Problem, suggest
from social_sla.agreements.inheritance import Merged
from social_sla.agreements.money import MINOR_UNITS, has_decimals_of
from social_sla.agreements.yaml_source import Document

Found = Iterable[tuple[Path, str]]


def check_credits(merged: Merged) -> list[Problem]:
    """Problems of a version's credits. What only the parent states is said at the parent."""
    found = [*_stated_credits(merged), *_effective_credits(merged), *_credit_flag(merged)]
    return [merged.stated.problem(path, message) for path, message in found]


def check_across_versions(versions: Iterable[Merged]) -> list[Problem]:
    """One currency an agreement, and months that are excluded twice."""
    problems: list[Problem] = []
    currencies: dict[str, tuple[str, str]] = {}
    excluded: dict[tuple[str, date], list[str | None]] = {}
    for merged in sorted(
        versions, key=lambda item: (item.stated.agreement.agreement_id, item.stated.agreement.version)
    ):
        agreement = merged.stated.agreement
        term = merged.credits.get("currency")
        if term and gives_credits(merged):
            first, key = currencies.setdefault(agreement.agreement_id, (term.value, merged.key))
            if term.value != first:
                path: Path = ("credits", "currency") if term.stated_by == merged.key else ("credits",)
                message = f"is {term.value}, but {first} in {key}; keep one currency, or write a new agreement"
                problems.append(merged.stated.problem(path, message))
        for index, item in enumerate(agreement.credits.exclusions if agreement.credits else ()):
            goals = excluded.setdefault((agreement.agreement_id, item.period), [])
            if item.goal in goals or (goals and None in (*goals, item.goal)):
                message = f"{item.period:%Y-%m} is excluded already; keep one exclusion for every goal, or one for each"
                problems.append(merged.stated.problem(("credits", "exclusions", index), message))
            goals.append(item.goal)
    return problems


def _stated_credits(merged: Merged) -> Found:
    """What the version's own lines say."""
    stated = merged.stated.agreement.credits
    if stated is None:
        return
    base: Path = ("credits",)
    for goal_id, bands in (stated.bands or {}).items():
        path: Path = (*base, "bands", goal_id)
        if goal_id not in merged.goals:
            yield path, f"unknown goal '{goal_id}'; {suggest(goal_id, merged.goals)}"
        for index, (higher, lower) in enumerate(pairwise(bands), start=1):
            if lower.below >= higher.below:
                message = f"{lower.below} is not under {higher.below}, the band before; write the highest band first"
                yield (*path, index, "below"), message
            elif lower.credit <= higher.credit:
                message = (
                    f"{lower.credit} is not more than {higher.credit} of the better band; a worse result gives more"
                )
                yield (*path, index, "credit"), message
    for index, (earlier, later) in enumerate(pairwise(stated.fees or ()), start=1):
        if later.from_period <= earlier.from_period:
            message = f"{later.from_period:%Y-%m} is not after {earlier.from_period:%Y-%m}; write the fees in order"
            yield (*base, "fees", index, "from_period"), message
    if stated.repeat and stated.repeat.consecutive_periods < 2:
        path = (*base, "repeat", "consecutive_periods")
        yield path, "1 is every missed month; write 2 or more, or write higher bands"
    for index, item in enumerate(stated.exclusions):
        if item.goal is not None and item.goal not in merged.goals:
            path = (*base, "exclusions", index, "goal")
            yield path, f"unknown goal '{item.goal}'; {suggest(item.goal, merged.goals)}"


def _effective_credits(merged: Merged) -> Found:
    """What the lines say together, whoever states them."""
    if not gives_credits(merged):
        return
    base: Path = ("credits",)
    terms = {name: term.value for name, term in merged.credits.items()}
    is_own = any(term.stated_by == merged.key for term in merged.credits.values())
    for name, right in (
        ("currency", "write an ISO 4217 code like EUR"),
        ("fees", "write what a month costs, like [{from_period: 2026-01, amount: 1000.00}]"),
        ("bands", "write the bands of at least one goal"),
    ):
        if name not in terms and is_own:
            yield (*base, name), f"is missing{' and not inherited' if merged.parent else ''}; {right}"
    yield from _fee_problems(merged, terms.get("currency"))
    yield from _band_problems(merged)
    goal_ids = banded_goals(merged)
    precedence = terms.get("precedence")
    if len(goal_ids) > 1 and precedence is None and is_own:
        message = f"is missing; list {', '.join(goal_ids)}, first the goal that an incident counts under"
        yield (*base, "precedence"), message
    if precedence is not None:
        stated = merged.credits["precedence"].stated_by == merged.key
        for index, goal_id in enumerate(precedence if stated else ()):
            path: Path = (*base, "precedence", index)
            if goal_id in precedence[:index]:
                yield path, f"'{goal_id}' is already in the list; keep one of them"
            elif goal_id not in goal_ids:
                yield path, f"'{goal_id}' has no bands; {suggest(goal_id, goal_ids)}"
        lacking = [goal_id for goal_id in goal_ids if goal_id not in precedence]
        if lacking and len(goal_ids) > 1:
            yield (*base, "precedence"), f"lacks {', '.join(lacking)}; list every goal with bands"
    caps = terms.get("goal_cap"), terms.get("cap")
    if caps[0] is not None and caps[1] is not None and caps[0] > caps[1]:
        path = (*base, "goal_cap") if merged.credits["goal_cap"].stated_by == merged.key else (*base, "cap")
        yield path, f"goal_cap {caps[0]} is more than cap {caps[1]}; one goal cannot give more than all of them"


def _fee_problems(merged: Merged, currency: str | None) -> Found:
    fees = merged.credits.get("fees")
    if fees is None:
        return
    is_own = fees.stated_by == merged.key
    path: Path = ("credits", "fees") if is_own else ("credits",)
    begins = merged.stated.agreement.valid_from.replace(day=1)
    first = fees.value[0].from_period
    if first > begins:
        yield (
            path,
            f"begin {first:%Y-%m}, after this version, which begins {begins:%Y-%m}; add the fee of {begins:%Y-%m}",
        )
    for index, fee in enumerate(fees.value if currency else ()):
        if currency and not has_decimals_of(fee.amount, currency):
            message = f"{fee.amount} is finer than {currency} has it; write at most {MINOR_UNITS[currency]} decimals"
            yield ((*path, index, "amount") if is_own else path), message


def _band_problems(merged: Merged) -> Found:
    """A band over the goal would give a credit for a month that met it."""
    bands = merged.credits.get("bands")
    for goal_id in banded_goals(merged):
        goal_rate = merged.goal_value(goal_id, "goal_rate")
        highest = max(band.below for band in bands.value[goal_id]) if bands else None
        if goal_rate is None or highest is None or highest <= goal_rate:
            continue
        is_own = bands is not None and bands.stated_by == merged.key
        path: Path = ("credits", "bands", goal_id) if is_own else ("credits",)
        yield (
            path,
            f"the highest band of {goal_id} reaches to {highest}, over its goal_rate {goal_rate}; a month that "
            "meets the goal gives no credit, so write below: at most the goal_rate",
        )


def _credit_flag(merged: Merged) -> Found:
    review = merged.stated.agreement.review
    flag = review.credit_flag if review else None
    if flag and flag.periods > flag.of_periods:
        path: Path = ("review", "credit_flag", "periods")
        yield path, f"{flag.periods} is more than of_periods {flag.of_periods}; write at most {flag.of_periods}"


def check_decisions(
    document: Document, file: CreditDecisionsFile, agreements: Iterable[EffectiveAgreement]
) -> list[Problem]:
    """Problems of config/credit_decisions.yaml: what it names, and the order of what was decided (C5)."""
    versions: dict[str, list[EffectiveAgreement]] = {}
    for item in agreements:
        versions.setdefault(item.agreement_id, []).append(item)
    problems: list[Problem] = []
    earlier: dict[tuple[str, str, date], list[CreditDecision]] = {}
    for index, decision in enumerate(file.decisions):
        path: Path = ("decisions", index)
        found = [*_names(decision, versions), *_amounts(decision, versions.get(decision.agreement, []))]
        before = earlier.setdefault((decision.agreement, decision.goal, decision.period), [])
        found += _order(decision, before)
        before.append(decision)
        problems += [document.problem((*path, name), message) for name, message in found]
    return problems


def _names(decision: CreditDecision, versions: dict[str, list[EffectiveAgreement]]) -> Iterable[tuple[str, str]]:
    if decision.agreement not in versions:
        yield "agreement", f"unknown agreement '{decision.agreement}'; {suggest(decision.agreement, versions)}"
        return
    known = {goal_id for item in versions[decision.agreement] if item.credits for goal_id in item.credits.bands}
    if not known:
        yield "agreement", f"'{decision.agreement}' gives no credits; add credits to the agreement, or take this out"
    elif decision.goal not in known:
        yield "goal", f"'{decision.goal}' has no bands in '{decision.agreement}'; {suggest(decision.goal, known)}"
    if decision.date <= decision.period:
        yield "date", f"{decision.date} is before {decision.period:%Y-%m} is over; write the day of the decision"


def _amounts(decision: CreditDecision, versions: list[EffectiveAgreement]) -> Iterable[tuple[str, str]]:
    if decision.decision is CreditDecisionWord.APPROVED:
        if decision.amount is None:
            yield "amount", "is missing; write the amount that is approved"
    elif decision.amount is not None:
        yield "amount", f"stands with {decision.decision}; only an approval has an amount"
    currency = next((item.credits.currency for item in versions if item.credits), None)
    if currency and decision.amount is not None and not has_decimals_of(decision.amount, currency):
        yield "amount", f"{decision.amount} is finer than {currency} has it; write {MINOR_UNITS[currency]} decimals"


def _order(decision: CreditDecision, before: list[CreditDecision]) -> Iterable[tuple[str, str]]:
    """Proposed, then approved or rejected, then (approved) applied; nothing follows what is applied or rejected."""
    last = before[-1] if before else None
    if last and decision.date < last.date:
        yield "date", f"{decision.date} is before {last.date} of the decision above; write them in order"
    if decision.decision is CreditDecisionWord.APPLIED:
        if last is None or last.decision is not CreditDecisionWord.APPROVED:
            yield "decision", "applied follows an approval; add the decision approved above it"
    elif last is not None:
        yield "decision", f"this credit is {last.decision} already; keep one decision, or write applied after approved"
