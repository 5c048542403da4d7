"""Inheritance of terms, corporate to customer to service, keeping where each term was stated.

A version inherits from the parent's version that is in force on the child's valid_from; later versions of the
parent change nothing for it (D4: terms are fixed at the start). The dates are compared as dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from social_sla.agreements.agreement_models import Agreement, Goal, Review
from social_sla.agreements.credit_models import Credits
from social_sla.agreements.errors import Path, Problem, suggest
from social_sla.agreements.statement_models import Statement
from social_sla.agreements.vocabulary import DEFAULT_TARGET, FlagScope, Kind, Metric, Responder, Subject
from social_sla.agreements.yaml_source import Document

AGREEMENT_TERMS = ("provider", "customer", "timezone", "parties", "channels", "hours", "measures_people", "tolerance")
REVIEW_TERMS = tuple(Review.model_fields)
STATEMENT_TERMS = tuple(name for name in Statement.model_fields if name != "published")
CREDIT_TERMS = tuple(name for name in Credits.model_fields if name != "exclusions")
GOAL_TERMS = tuple(name for name in Goal.model_fields if name not in {"goal_id", "target"})

REVIEW_DEFAULTS: dict[str, Any] = {
    "consecutive_periods": 3,
    "flag_scope": FlagScope.SAME_GOAL,
    "minimum_sample": 10,
    "approvers": (),
    "decision_days": 14,
}


def goal_defaults(metric: Metric | None) -> dict[str, Any]:
    """The terms of a goal that nobody states; ownership is a team's, everything else is the customer's."""
    return {
        "subject": Subject.TEAM if metric is Metric.OWNERSHIP_TIME else Subject.CUSTOMER,
        "responder": Responder.HUMAN,
        "pause_statuses": (),
    }


@dataclass(frozen=True)
class Term:
    """An effective term: its value and the agreement_key of the version that states it (None = the default)."""

    value: Any
    stated_by: str | None


@dataclass(frozen=True)
class Stated:
    """A version as its document states it, and where that document is."""

    agreement: Agreement
    document: Document
    file_sha256: str

    @property
    def key(self) -> str:
        return self.agreement.agreement_key

    def problem(self, path: Path, message: str) -> Problem:
        return self.document.problem(path, message)

    def goal_index(self, goal_id: str) -> int | None:
        for index, goal in enumerate(self.agreement.goals):
            if goal.goal_id == goal_id:
                return index
        return None


@dataclass
class Merged:
    """A version with every term that it states or inherits."""

    stated: Stated
    parent: Merged | None
    terms: dict[str, Term] = field(default_factory=dict)
    review: dict[str, Term] = field(default_factory=dict)
    credits: dict[str, Term] = field(default_factory=dict)
    statement: dict[str, Term] = field(default_factory=dict)
    goals: dict[str, dict[str, Term]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.stated.key

    def value(self, term: str) -> Any:
        """An agreement's term, None where nobody states it."""
        return self.terms[term].value if term in self.terms else None

    def goal_value(self, goal_id: str, term: str) -> Any:
        """A goal's term, None where nobody states it and there is no default."""
        terms = self.goals[goal_id]
        return terms[term].value if term in terms else None

    def states(self, goal_id: str, *terms: str) -> bool:
        """Whether this very version states one of a goal's terms (so that an error in it is said once)."""
        return any(term in self.goals[goal_id] and self.goals[goal_id][term].stated_by == self.key for term in terms)

    def inherited_from(self, goal_id: str) -> str | None:
        """The version that states the goal, None when it is this one."""
        if self.stated.goal_index(goal_id) is not None:
            return None
        return (self.parent.inherited_from(goal_id) or self.parent.key) if self.parent else None


def merge_all(versions: Iterable[Stated], broken: frozenset[str]) -> tuple[dict[str, Merged], list[Problem]]:
    """Every version with its inherited terms, by agreement_key.

    Args:
        versions: the versions that could be read.
        broken: agreement_ids of which a version could not be read; their children are left out in silence.
    """
    by_id: dict[str, list[Stated]] = {}
    for version in versions:
        by_id.setdefault(version.agreement.agreement_id, []).append(version)
    merged: dict[str, Merged] = {}
    problems: list[Problem] = []
    # Highest level first: a parent is always of a higher level, so it has been merged already.
    ordered = sorted((item for group in by_id.values() for item in group), key=lambda item: item.agreement.level.rank)
    for version in ordered:
        name = version.agreement.parent
        parent = None
        if name is not None:
            if name in broken:
                continue
            chosen = _parent_version(version, name, by_id, problems)
            if chosen is None or chosen.key not in merged:
                continue
            parent = merged[chosen.key]
        merged[version.key] = _merge(version, parent)
    return merged, problems


def _parent_version(child: Stated, name: str, by_id: dict[str, list[Stated]], problems: list[Problem]) -> Stated | None:
    start = child.agreement.valid_from
    if name not in by_id:
        others = set(by_id) - {child.agreement.agreement_id}
        problems.append(child.problem(("parent",), f"unknown agreement '{name}'; {suggest(name, others)}".rstrip("; ")))
        return None
    in_force = [
        item
        for item in by_id[name]
        if item.agreement.valid_from <= start and (item.agreement.valid_to is None or start <= item.agreement.valid_to)
    ]
    if not in_force:
        first = min(item.agreement.valid_from for item in by_id[name])
        problems.append(
            child.problem(
                ("parent",),
                f"'{name}' has no version in force on {start}, when this version begins (its first begins {first}); "
                "let this version begin later, or add a version of the parent",
            )
        )
        return None
    chosen = max(in_force, key=lambda item: item.agreement.version)
    if chosen.agreement.level.rank >= child.agreement.level.rank:
        problems.append(
            child.problem(
                ("parent",),
                f"'{name}' is of level {chosen.agreement.level}, not above {child.agreement.level}; "
                "a parent is of a higher level: corporate, then customer, then service",
            )
        )
        return None
    return chosen


def _merge(version: Stated, parent: Merged | None) -> Merged:
    own = version.agreement
    result = Merged(version, parent)
    result.terms = dict(parent.terms) if parent else {}
    result.terms.update(_stated_terms(own, AGREEMENT_TERMS, version.key))
    result.terms.setdefault("measures_people", Term(False, None))
    result.review = dict(parent.review) if parent else {}
    if own.kind is Kind.SSLA:
        # T2: an ssla raises flags only if it says so itself; a parent cannot say it for it.
        result.review.pop("raises_flags", None)
    elif parent and parent.review["raises_flags"].stated_by is None:
        result.review.pop("raises_flags", None)
    if own.review:
        result.review.update(_stated_terms(own.review, REVIEW_TERMS, version.key))
    defaults = {**REVIEW_DEFAULTS, "raises_flags": own.kind is not Kind.SSLA}
    for term, value in defaults.items():
        result.review.setdefault(term, Term(value, None))
    # An ssla gives no credits, unless it says so itself (definitions.md, Terms).
    result.credits = dict(parent.credits) if parent and own.kind is not Kind.SSLA else {}
    if own.credits:
        result.credits.update(_stated_terms(own.credits, CREDIT_TERMS, version.key))
    result.statement = dict(parent.statement) if parent else {}
    if own.statement:
        result.statement.update(_stated_terms(own.statement, STATEMENT_TERMS, version.key))
    if parent:
        result.goals = {
            goal_id: dict(terms) for goal_id, terms in parent.goals.items() if goal_id not in own.without_goals
        }
    for goal in own.goals:
        terms = result.goals.setdefault(goal.goal_id, {})
        terms.update(_stated_terms(goal, GOAL_TERMS, version.key))
        if goal.target is not None:
            terms["targets"] = Term({DEFAULT_TARGET: goal.target}, version.key)
        metric = terms["metric"].value if "metric" in terms else None
        for term, value in goal_defaults(metric).items():
            if term not in terms or terms[term].stated_by is None:  # a parent's default is of the parent's metric
                terms[term] = Term(value, None)
    return result


def _stated_terms(
    model: Agreement | Review | Goal | Credits | Statement, names: Iterable[str], key: str
) -> dict[str, Term]:
    return {name: Term(getattr(model, name), key) for name in names if getattr(model, name) is not None}
