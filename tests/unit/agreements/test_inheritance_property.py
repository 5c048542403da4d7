"""Every effective term of any family of agreements is what a plain recursive reading of docs/configuration.md gives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from social_sla.agreements.agreement_models import Agreement, Statement
from social_sla.agreements.inheritance import Stated, Term, merge_all
from social_sla.agreements.yaml_source import Document

LEVELS = ("corporate", "customer", "service")
TERMS = ("provider", "customer", "timezone", "channels", "hours", "measures_people", "tolerance")
GOAL_LINES = ("title", "basis", "goal_rate", "subject", "responder", "hours", "priorities", "pause_statuses")
STATEMENT_LINES = tuple(name for name in Statement.model_fields if name != "published")

words = st.sampled_from(["a", "b", "c"])
maybe = lambda values: st.none() | values  # noqa: E731
goals = st.fixed_dictionaries(
    {
        "title": maybe(words),
        "metric": maybe(st.sampled_from(["first_response", "ownership_time"])),
        "target": maybe(st.sampled_from(["1h", "2h"])),
        "basis": maybe(st.sampled_from(["business", "calendar"])),
        "goal_rate": maybe(st.sampled_from(["0.8", "0.9"])),
        "subject": maybe(st.sampled_from(["customer", "team"])),
        "responder": maybe(st.sampled_from(["human", "any"])),
        "hours": maybe(words),
        "priorities": maybe(st.sampled_from([["high"], ["low"]])),
        "pause_statuses": maybe(st.sampled_from([[], ["pending"]])),
    }
)
versions = st.fixed_dictionaries(
    {
        "level": st.sampled_from(LEVELS),
        "kind": st.sampled_from(["ssla", "customer", "internal"]),
        "parent": maybe(st.integers(0, 5)),
        "valid_from": st.sampled_from(["2026-01-01", "2026-02-01", "2026-03-01"]),
        "valid_to": maybe(st.sampled_from(["2026-03-31"])),
        "terms": st.fixed_dictionaries(
            {
                "provider": maybe(words),
                "customer": maybe(words),
                "timezone": maybe(st.sampled_from(["UTC", "Europe/Berlin"])),
                "channels": maybe(st.sampled_from([["x"], ["y", "z"]])),
                "hours": maybe(words),
                "measures_people": maybe(st.booleans()),
                "tolerance": maybe(st.sampled_from([[{"rule": "abuse"}], [{"rule": "spam"}]])),
            }
        ),
        "review": maybe(
            st.fixed_dictionaries(
                {
                    "consecutive_periods": maybe(st.sampled_from([2, 4])),
                    "minimum_sample": maybe(st.sampled_from([5, 20])),
                    "raises_flags": maybe(st.booleans()),
                    "flag_scope": maybe(st.sampled_from(["same_goal", "any_goal"])),
                }
            )
        ),
        "statement": maybe(
            st.fixed_dictionaries(
                {
                    "languages": maybe(st.sampled_from([["en"], ["de"]])),
                    "answers": maybe(st.sampled_from(["all", "some"])),
                    "shows_company_gets": maybe(st.booleans()),
                }
            )
        ),
        "goals": st.dictionaries(words, goals, max_size=3),
        "without_goals": st.lists(words, max_size=1),
    }
)
families = st.lists(versions, min_size=1, max_size=6)


def _agreement(number: int, drawn: dict[str, Any]) -> Agreement:
    """One version of an agreement of its own; a parent may have two (ids are taken in pairs)."""

    def stated(lines: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if lines is None else {name: value for name, value in lines.items() if value is not None}

    document = {
        "agreement_id": f"g{number // 2}",
        "version": number % 2 + 1,
        "title": "T",
        "kind": drawn["kind"],
        "level": drawn["level"],
        "valid_from": drawn["valid_from"],
        "valid_to": drawn["valid_to"],
        "parent": None if drawn["parent"] is None else f"g{drawn['parent'] // 2}",
        "review": stated(drawn["review"]),
        "statement": stated(drawn["statement"]),
        "goals": [{"goal_id": name, **(stated(lines) or {})} for name, lines in sorted(drawn["goals"].items())],
        "without_goals": [name for name in drawn["without_goals"] if name not in drawn["goals"]],
        **(stated(drawn["terms"]) or {}),
    }
    return Agreement.model_validate({name: value for name, value in document.items() if value is not None})


def parent_of(child: Agreement, family: list[Agreement]) -> Agreement | None:
    """The parent's version whose dates hold the child's first day, the highest where several do."""
    holding = [
        item
        for item in family
        if item.agreement_id == child.parent and item.valid_from <= child.valid_from <= (item.valid_to or date.max)
    ]
    return max(holding, key=lambda item: item.version, default=None)


def has_line(child: Agreement, family: list[Agreement]) -> bool:
    """Whether it and everything above it can inherit at all: a parent there is, of a higher level."""
    if child.parent is None:
        return True
    parent = parent_of(child, family)
    return parent is not None and parent.level.rank < child.level.rank and has_line(parent, family)


def term_of(agreement: Agreement, name: str, family: list[Agreement]) -> Term | None:
    """Its own, else its parent's."""
    own = getattr(agreement, name)
    if own is not None:
        return Term(own, agreement.agreement_key)
    parent = parent_of(agreement, family)
    inherited = term_of(parent, name, family) if parent else None
    return inherited or (Term(False, None) if name == "measures_people" else None)


def line_of(agreement: Agreement, part: str, name: str, family: list[Agreement]) -> Term | None:
    """A line of `review` or `statement`, each inherited by itself."""
    own = getattr(agreement, part)
    if own is not None and getattr(own, name) is not None:
        return Term(getattr(own, name), agreement.agreement_key)
    parent = parent_of(agreement, family)
    return line_of(parent, part, name, family) if parent else None


def raises_flags(agreement: Agreement, family: list[Agreement]) -> Term:
    """T2: an ssla raises flags only if it says so itself; everything else does, unless it or one above says no."""
    is_ssla = agreement.kind.value == "ssla"
    own = agreement.review.raises_flags if agreement.review else None
    if own is not None:
        return Term(own, agreement.agreement_key)
    parent = parent_of(agreement, family)
    if is_ssla or parent is None:
        return Term(not is_ssla, None)
    above = raises_flags(parent, family)
    return above if above.stated_by is not None else Term(True, None)


def goal_ids(agreement: Agreement, family: list[Agreement]) -> set[str]:
    """Its own, and its parent's without those that it leaves out."""
    parent = parent_of(agreement, family)
    above = goal_ids(parent, family) - set(agreement.without_goals) if parent else set()
    return above | {goal.goal_id for goal in agreement.goals}


def goal_line(agreement: Agreement, goal_id: str, name: str, family: list[Agreement]) -> Term | None:
    """A line of a goal: its own, else that of the parent's goal of the same id, unless that was left out."""
    for goal in agreement.goals:
        value = getattr(goal, name) if name != "targets" else goal.target and {"default": goal.target}
        if goal.goal_id == goal_id and value is not None:
            return Term(value, agreement.agreement_key)
    parent = parent_of(agreement, family)
    if parent is None or goal_id in agreement.without_goals or goal_id not in goal_ids(parent, family):
        return None
    return goal_line(parent, goal_id, name, family)


def goal_default(agreement: Agreement, goal_id: str, name: str, family: list[Agreement]) -> Term | None:
    """What holds where nobody states it; ownership is a team's."""
    metric = goal_line(agreement, goal_id, "metric", family)
    owns = metric is not None and metric.value.value == "ownership_time"
    defaults: dict[str, Any] = {"subject": "team" if owns else "customer", "responder": "human", "pause_statuses": ()}
    return Term(defaults[name], None) if name in defaults else None


@settings(max_examples=300, deadline=None)
@given(families)
def test_every_effective_term_is_the_nearest_one_stated(drawn: list[dict[str, Any]]) -> None:
    family = [_agreement(number, version) for number, version in enumerate(drawn)]
    merged, _ = merge_all([Stated(item, Document("f", {}), "") for item in family], frozenset())
    for agreement in family:
        if not has_line(agreement, family):
            assert agreement.agreement_key not in merged
            continue
        found = merged[agreement.agreement_key]
        for name in TERMS:
            assert found.terms.get(name) == term_of(agreement, name, family), name
        for name in STATEMENT_LINES:
            assert found.statement.get(name) == line_of(agreement, "statement", name, family), name
        for name, default in (("consecutive_periods", 3), ("minimum_sample", 10), ("flag_scope", "same_goal")):
            assert found.review[name] == (line_of(agreement, "review", name, family) or Term(default, None)), name
        assert found.review["raises_flags"] == raises_flags(agreement, family)
        assert set(found.goals) == goal_ids(agreement, family)
        for goal_id in found.goals:
            for name in (*GOAL_LINES, "metric", "targets"):
                expected = goal_line(agreement, goal_id, name, family) or goal_default(agreement, goal_id, name, family)
                assert found.goals[goal_id].get(name) == expected, (goal_id, name)


def test_a_rate_stays_exact_through_every_level() -> None:
    top = _agreement(0, {**_EMPTY, "level": "corporate", "goals": {"a": {"goal_rate": "0.833333"}}})
    low = _agreement(2, {**_EMPTY, "level": "service", "parent": 0, "goals": {"a": {"target": "1h"}}})
    merged, problems = merge_all([Stated(item, Document("f", {}), "") for item in (top, low)], frozenset())
    assert problems == []
    assert merged["g1.v1"].goals["a"]["goal_rate"] == Term(Decimal("0.833333"), "g0.v1")


_EMPTY: dict[str, Any] = {
    "kind": "customer",
    "parent": None,
    "valid_from": "2026-01-01",
    "valid_to": None,
    "terms": {},
    "review": None,
    "statement": None,
    "goals": {},
    "without_goals": [],
}
