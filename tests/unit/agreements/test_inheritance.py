"""Which terms a version has after inheritance, and where each was stated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from social_sla.agreements import EffectiveAgreement, EffectiveGoal, load_config

from tests.unit.agreements.conftest import CORPORATE, TWEETS, ConfigFolder


def _agreement(folder: ConfigFolder, key: str) -> EffectiveAgreement:
    return next(item for item in load_config(folder.path).agreements if item.agreement_key == key)


def _goal(agreement: EffectiveAgreement, goal_id: str) -> EffectiveGoal:
    return next(goal for goal in agreement.goals if goal.goal_id == goal_id)


def test_a_child_has_every_term_that_it_does_not_state(folder: ConfigFolder) -> None:
    mail = _agreement(folder, "mail.v1")
    assert (mail.provider, mail.customer, mail.timezone, mail.schedule_id) == (
        "Acme",
        "Everybody",
        "Europe/Berlin",
        "office",
    )
    assert (mail.minimum_sample, mail.consecutive_periods, mail.flag_scope.value) == (20, 3, "same_goal")
    assert mail.terms["provider"].stated_by == "corporate.v1"
    assert mail.terms["minimum_sample"].stated_by == "corporate.v1"
    assert mail.terms["consecutive_periods"].stated_by is None
    assert mail.terms["parties"].stated_by == "mail.v1"
    assert [goal.goal_id for goal in mail.goals] == ["first", "next", "solved"]
    inherited = _goal(mail, "next")
    assert (inherited.inherited_from, inherited.goal_key, inherited.schedule_id) == (
        "corporate.v1",
        "mail.v1.next",
        "office",
    )
    assert _goal(mail, "first").inherited_from is None


def test_defaults_of_a_goal(folder: ConfigFolder) -> None:
    goal = _goal(_agreement(folder, "mail.v1"), "first")
    assert (goal.subject.value, goal.responder.value, goal.pause_statuses, goal.priorities) == (
        "customer",
        "human",
        (),
        None,
    )
    assert goal.goal_rate == Decimal("0.9")
    assert {name: str(target) for name, target in goal.targets.items()} == {
        "urgent": "1 hour",
        "low": "1 business day",
        "default": "4 hours",
    }
    assert (goal.from_date, goal.to_date) == (date(2026, 1, 1), date(2027, 12, 31))


def test_a_goal_that_is_stated_in_part_inherits_the_rest(folder: ConfigFolder) -> None:
    folder.change("agreements/mail.yaml", "goals:\n", "goals:\n  - {goal_id: next, target: 30m}\n")
    goal = _goal(_agreement(folder, "mail.v1"), "next")
    assert (str(goal.targets["default"]), goal.goal_rate, goal.basis.value) == (
        "30 minutes",
        Decimal("0.85"),
        "business",
    )
    assert goal.inherited_from is None
    assert (goal.terms["targets"].stated_by, goal.terms["basis"].stated_by) == ("mail.v1", "corporate.v1")


def test_an_inherited_business_goal_runs_in_the_hours_of_the_child(folder: ConfigFolder) -> None:
    folder.change("agreements/mail.yaml", "channels: [mail]", "channels: [mail]\nhours: always")
    assert _goal(_agreement(folder, "mail.v1"), "next").schedule_id == "always"


def test_a_goal_may_have_hours_of_its_own(folder: ConfigFolder) -> None:
    folder.change("agreements/mail.yaml", "  - goal_id: first\n", "  - goal_id: first\n    hours: always\n")
    mail = _agreement(folder, "mail.v1")
    assert (_goal(mail, "first").schedule_id, _goal(mail, "next").schedule_id) == ("always", "office")
    assert mail.schedule_ids == ("always", "office")


def test_a_goal_of_the_parent_can_be_left_out(folder: ConfigFolder) -> None:
    folder.change("agreements/mail.yaml", "channels: [mail]", "channels: [mail]\nwithout_goals: [next]")
    assert [goal.goal_id for goal in _agreement(folder, "mail.v1").goals] == ["first", "solved"]


def test_three_levels_keep_the_level_that_stated_the_goal(folder: ConfigFolder) -> None:
    text = TWEETS.replace("version: 1\n", "version: 1\nparent: mail\nwithout_goals: [solved]\n")
    text = text.replace("kind: ssla", "kind: internal").replace("goal_id: first", "goal_id: quick")
    folder.write("agreements/tweets.yaml", text.replace("provider: Acme\n", ""))
    tweets = _agreement(folder, "tweets.v1")
    assert {goal.goal_id: goal.inherited_from for goal in tweets.goals} == {
        "first": "mail.v1",
        "next": "corporate.v1",
        "quick": None,
    }
    assert tweets.terms["provider"].stated_by == "corporate.v1"
    assert tweets.parent_key == "mail.v1"


def test_the_terms_are_those_of_the_parent_version_in_force_when_the_child_begins(folder: ConfigFolder) -> None:
    second = CORPORATE.replace("version: 1", "version: 2").replace("valid_from: 2026-01-01", "valid_from: 2026-06-01")
    folder.write("agreements/corporate.yaml", CORPORATE + "---\n" + second.replace("target: 8h", "target: 2h"))
    assert str(_goal(_agreement(folder, "mail.v1"), "next").targets["default"]) == "8 hours"
    folder.change("agreements/mail.yaml", "valid_from: 2026-01-01", "valid_from: 2026-06-01")
    mail = _agreement(folder, "mail.v1")
    assert str(_goal(mail, "next").targets["default"]) == "2 hours"
    assert mail.parent_key == "corporate.v2"


def test_a_goal_of_the_parent_that_ended_before_the_child_began_is_not_the_childs(folder: ConfigFolder) -> None:
    folder.change("agreements/corporate.yaml", "    metric:", "    to_date: 2026-01-31\n    metric:")
    folder.change("agreements/mail.yaml", "valid_from: 2026-01-01", "valid_from: 2026-03-01")
    assert [goal.goal_id for goal in _agreement(folder, "mail.v1").goals] == ["first", "solved"]


@pytest.mark.parametrize(
    ("kind", "parent_says", "child_says", "raises"),
    [
        ("customer", None, None, True),
        ("customer", "false", None, False),
        ("customer", "false", "true", True),
        ("ssla", None, None, False),
        ("ssla", "true", None, False),
        ("ssla", "true", "true", True),
    ],
)
def test_an_ssla_raises_flags_only_if_it_says_so_itself(
    folder: ConfigFolder, kind: str, parent_says: str | None, child_says: str | None, raises: bool
) -> None:
    if parent_says:
        folder.change("agreements/corporate.yaml", "review:\n", f"review:\n  raises_flags: {parent_says}\n")
    review = f"\nreview: {{raises_flags: {child_says}}}" if child_says else ""
    folder.change("agreements/mail.yaml", "kind: customer", f"kind: {kind}{review}")
    assert _agreement(folder, "mail.v1").raises_flags is raises


def test_an_error_of_the_parent_is_told_once(folder: ConfigFolder) -> None:
    folder.change("agreements/corporate.yaml", "metric: next_response", "metric: ownership_time\n    subject: customer")
    folder.change("agreements/corporate.yaml", "target: 8h", "target: 2d")
    assert folder.problems() == [
        "agreements/corporate.yaml:16: goals[0].subject: is customer, but ownership_time is on teams; write team, or "
        "leave subject out",
        "agreements/corporate.yaml:17: goals[0].target: 2 days on business hours may mean two things; "
        "write 2 business days for scheduled days, or 48h for open hours",
    ]


def test_an_inherited_goal_that_the_childs_source_cannot_offer_is_told_at_the_child(folder: ConfigFolder) -> None:
    folder.change("agreements/corporate.yaml", "metric: next_response", "metric: full_resolution")
    folder.change("agreements/tweets.yaml", "version: 1\n", "version: 1\nparent: corporate\n")
    assert folder.problems() == [
        "agreements/tweets.yaml:1: goal next, inherited from corporate.v1, full_resolution needs statuses, and x has "
        "none, so nothing on tweets is ever open or solved; use first_response or next_response there"
    ]
