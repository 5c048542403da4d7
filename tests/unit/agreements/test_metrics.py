"""Agreements on every metric: waits and work, updates, and how long each department has a conversation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from social_sla.agreements import EffectiveGoal, config_tables, load_config
from social_sla.agreements.vocabulary import Metric

from tests.unit.agreements.conftest import ConfigFolder

SECOND_ACCOUNT = """\
  - channel_id: mail_us
    source: zendesk
    account: acme-us
    kind: email
    strategic_objective: Solve what needs writing.
    timezone: America/New_York
    languages: [en]
"""

# Two departments that work on the same tickets, each held to the time in which it has them.
DEPARTMENTS = """\
agreement_id: departments
version: 1
title: Care and Refunds
kind: internal
level: service
provider: Refunds
customer: Care
timezone: Europe/Berlin
valid_from: 2026-01-01
parties:
  - {party_id: refunds, name: Refunds, role: provider, obligations: [Hands back what is decided within a day.]}
  - {party_id: care, name: Care, role: customer, obligations: [Hands over with the booking and the receipt.]}
channels: [mail]
hours: office
goals:
  - goal_id: refunds-decide
    title: Refunds decides within a working day
    metric: ownership_time
    teams: [zendesk:acme:9200000000003]
    target: 1 business day
    basis: business
    goal_rate: 0.90
    pause_statuses: [pending]
  - goal_id: care-passes-on
    metric: ownership_time
    teams: ["zendesk:acme:9200000000002", "zendesk:acme:9200000000001"]
    subject: team
    targets: {urgent: 30m, default: 4h}
    basis: business
    goal_rate: 85 %
"""

# What customers are promised beyond answers: how long they wait, how much of it is work, and news meanwhile.
CARE = """\
agreement_id: care
version: 1
title: Care by priority
kind: customer
level: customer
parent: corporate
without_goals: [next]
valid_from: 2026-01-01
channels: [mail]
goals:
  - goal_id: waiting
    title: Nobody waits for us longer
    metric: requester_wait
    targets: {urgent: 4h, high: 1 business day, normal: 3 business days, low: 5 business days}
    basis: business
    goal_rate: 0.90
  - goal_id: working
    metric: agent_work
    targets: {urgent: 2h, high: 4h, normal: 8h, low: 2 business days, default: 8h}
    basis: business
    goal_rate: 0.80
    pause_statuses: [new, pending]
  - goal_id: news
    metric: pausable_update
    targets: {urgent: 1h, high: 4h, default: 2d}
    basis: calendar
    goal_rate: 95 %
    responder: any
"""

OWNERSHIP_STANDARD = """\
  - goal_id: hand-on
    metric: ownership_time
    teams: [zendesk:acme:1, zendesk:acme-us:2]
    target: 8h
    basis: business
    goal_rate: 0.90
"""


def _goals(folder: ConfigFolder, agreement_key: str) -> dict[str, EffectiveGoal]:
    (agreement,) = (item for item in load_config(folder.path).agreements if item.agreement_key == agreement_key)
    return {goal.goal_id: goal for goal in agreement.goals}


def _rows(folder: ConfigFolder, table: str, agreement_key: str) -> dict[str, dict[str, Any]]:
    rows = config_tables(load_config(folder.path), as_of=datetime(2026, 11, 3, tzinfo=UTC))[table].to_pylist()
    return {row["goal_id"]: row for row in rows if row["agreement_key"] == agreement_key}


def _targets(goal: EffectiveGoal) -> dict[str, str]:
    return {priority: str(target) for priority, target in goal.targets.items()}


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_can_be_promised_where_there_are_statuses(folder: ConfigFolder, metric: Metric) -> None:
    folder.change("agreements/mail.yaml", "metric: full_resolution", f"metric: {metric}")
    goal = _goals(folder, "mail.v1")["solved"]
    assert (goal.metric, _targets(goal)) == (metric, {"default": "5 business days"})
    assert goal.subject.value == ("team" if metric is Metric.OWNERSHIP_TIME else "customer")


@pytest.mark.parametrize(
    ("metric", "pauses"),
    [
        (Metric.REQUESTER_WAIT, ["pending"]),
        (Metric.AGENT_WORK, ["on_hold", "pending"]),
        (Metric.PAUSABLE_UPDATE, ["pending"]),
    ],
)
def test_a_pause_that_the_metric_leaves_out_anyway_may_be_named(
    folder: ConfigFolder, metric: Metric, pauses: list[str]
) -> None:
    folder.change("agreements/mail.yaml", "metric: full_resolution", f"metric: {metric}")
    folder.change("agreements/mail.yaml", "pause_statuses: [pending]", f"pause_statuses: [{', '.join(pauses)}]")
    assert _rows(folder, "goals", "mail.v1")["solved"]["pause_statuses"] == pauses


@pytest.mark.parametrize("metric", [item for item in Metric if item.value not in ("first_response", "next_response")])
def test_no_metric_with_statuses_can_be_promised_on_x(folder: ConfigFolder, metric: Metric) -> None:
    folder.change("agreements/tweets.yaml", "metric: first_response", f"metric: {metric}")
    assert folder.problems() == [
        f"agreements/tweets.yaml:16: goals[0].metric: {metric} needs statuses, and x has none, so nothing on tweets is "
        "ever open or solved; use first_response or next_response there"
    ]


def test_two_departments_are_each_held_to_the_time_in_which_they_have_a_ticket(folder: ConfigFolder) -> None:
    folder.write("agreements/departments.yaml", DEPARTMENTS)
    goals = _rows(folder, "goals", "departments.v1")
    assert {
        goal_id: (row["metric"], row["subject"], row["teams"], row["pause_statuses"], row["title"])
        for goal_id, row in goals.items()
    } == {
        "refunds-decide": (
            "ownership_time",
            "team",
            ["zendesk:acme:9200000000003"],
            ["pending"],
            "Refunds decides within a working day",
        ),
        "care-passes-on": (
            "ownership_time",
            "team",
            ["zendesk:acme:9200000000001", "zendesk:acme:9200000000002"],
            [],
            "Care passes on",
        ),
    }
    effective = _goals(folder, "departments.v1")
    assert _targets(effective["refunds-decide"]) == {"default": "1 business day"}
    assert effective["refunds-decide"].schedule_id == "office"
    assert effective["refunds-decide"].terms["subject"].stated_by is None
    assert effective["care-passes-on"].terms["subject"].stated_by == "departments.v1"


def test_customers_are_promised_waits_work_and_news_by_priority(folder: ConfigFolder) -> None:
    folder.write("agreements/care.yaml", CARE)
    goals = _goals(folder, "care.v1")
    assert {goal_id: (goal.metric.value, _targets(goal)) for goal_id, goal in goals.items()} == {
        "waiting": (
            "requester_wait",
            {"urgent": "4 hours", "high": "1 business day", "normal": "3 business days", "low": "5 business days"},
        ),
        "working": (
            "agent_work",
            {
                "urgent": "2 hours",
                "high": "4 hours",
                "normal": "8 hours",
                "low": "2 business days",
                "default": "8 hours",
            },
        ),
        "news": ("pausable_update", {"urgent": "1 hour", "high": "4 hours", "default": "2 days"}),
    }
    assert {goal_id: row["teams"] for goal_id, row in _rows(folder, "goals", "care.v1").items()} == dict.fromkeys(goals)
    assert [goals[name].responder.value for name in ("waiting", "working", "news")] == ["human", "human", "any"]
    assert [goals[name].subject.value for name in ("waiting", "working", "news")] == ["customer"] * 3
    assert (goals["working"].title, goals["news"].schedule_id) == ("Working", None)


def test_units_of_the_new_metrics_belong_to_a_basis_too(folder: ConfigFolder) -> None:
    folder.write("agreements/care.yaml", CARE.replace("default: 2d", "default: 2 business days"))
    folder.change("agreements/care.yaml", "urgent: 4h, high: 1 business day", "urgent: 4h, high: 1d")
    assert folder.problems() == [
        "agreements/care.yaml:14: goals[0].targets.high: 1 day on business hours may mean two things; write 1 business "
        "day for scheduled days, or 24h for open hours",
        "agreements/care.yaml:25: goals[2].targets.default: 2 business days needs business hours; write basis: "
        "business, or 2d for calendar days",
    ]


def test_teams_are_inherited_with_the_version_that_stated_them(folder: ConfigFolder) -> None:
    folder.change("channels.yaml", "  - channel_id: tweets\n", f"{SECOND_ACCOUNT}  - channel_id: tweets\n")
    folder.change("agreements/corporate.yaml", "review:\n", f"{OWNERSHIP_STANDARD}review:\n")
    folder.change("agreements/mail.yaml", "goals:\n", "goals:\n  - {goal_id: hand-on, target: 4h}\n")
    folder.write("agreements/care.yaml", CARE)
    row = _rows(folder, "goals", "care.v1")["hand-on"]
    assert (row["subject"], row["teams"]) == ("team", ["zendesk:acme-us:2", "zendesk:acme:1"])
    assert row["inherited_from"] == "corporate.v1"
    goal = _goals(folder, "mail.v1")["hand-on"]
    assert (goal.teams, _targets(goal)) == (("zendesk:acme:1", "zendesk:acme-us:2"), {"default": "4 hours"})
    terms = config_tables(load_config(folder.path), as_of=datetime(2026, 11, 3, tzinfo=UTC))["agreement_terms"]
    (stated,) = (
        term
        for term in terms.to_pylist()
        if (term["agreement_key"], term["goal_id"], term["term"]) == ("mail.v1", "hand-on", "teams")
    )
    assert (json.loads(stated["value"]), stated["stated_by"]) == (
        ["zendesk:acme:1", "zendesk:acme-us:2"],
        "corporate.v1",
    )


def test_a_child_may_name_teams_of_its_own(folder: ConfigFolder) -> None:
    standard = OWNERSHIP_STANDARD.replace(", zendesk:acme-us:2", "")
    folder.change("agreements/corporate.yaml", "review:\n", f"{standard}review:\n")
    folder.change("agreements/mail.yaml", "goals:\n", "goals:\n  - goal_id: hand-on\n    teams: [zendesk:acme:5]\n")
    goal = _goals(folder, "mail.v1")["hand-on"]
    assert (goal.teams, goal.terms["teams"].stated_by, goal.terms["metric"].stated_by) == (
        ("zendesk:acme:5",),
        "mail.v1",
        "corporate.v1",
    )


def test_inherited_teams_of_other_accounts_alone_are_told_at_the_child(folder: ConfigFolder) -> None:
    folder.change("channels.yaml", "  - channel_id: tweets\n", f"{SECOND_ACCOUNT}  - channel_id: tweets\n")
    standard = OWNERSHIP_STANDARD.replace("zendesk:acme:1, ", "")
    folder.change("agreements/corporate.yaml", "review:\n", f"{standard}review:\n")
    assert folder.problems() == [
        "agreements/mail.yaml:1: goal hand-on, inherited from corporate.v1, names teams of zendesk:acme-us alone, and "
        "the agreement covers no channel there; name teams of zendesk:acme, or put hand-on under without_goals"
    ]
    folder.change("agreements/mail.yaml", "channels: [mail]", "channels: [mail]\nwithout_goals: [hand-on]")
    assert folder.problems() == []
    folder.change("agreements/mail.yaml", "\nwithout_goals: [hand-on]", "")
    folder.change("agreements/mail.yaml", "goals:\n", "goals:\n  - {goal_id: hand-on, target: 4h}\n")
    assert folder.problems() == [
        "agreements/mail.yaml:17: goals[0].teams: names teams of zendesk:acme-us alone, and the agreement covers no "
        "channel there; name teams of zendesk:acme"
    ]


def test_a_goal_that_changes_its_metric_takes_the_default_subject_of_the_new_one(folder: ConfigFolder) -> None:
    folder.change(
        "agreements/mail.yaml", "goals:\n", "goals:\n  - {goal_id: next, title: Hand on, metric: ownership_time}\n"
    )
    assert _goals(folder, "mail.v1")["next"].subject.value == "team"
    assert _goals(folder, "corporate.v1")["next"].subject.value == "customer"


def test_a_metric_that_does_not_fit_inherited_terms_is_told_where_it_is_changed(folder: ConfigFolder) -> None:
    standard = OWNERSHIP_STANDARD.replace(", zendesk:acme-us:2", "")
    folder.change("agreements/corporate.yaml", "    metric: next", "    subject: customer\n    metric: next")
    folder.change("agreements/corporate.yaml", "review:\n", f"{standard}review:\n")
    folder.change(
        "agreements/mail.yaml",
        "goals:\n",
        "goals:\n  - {goal_id: next, metric: ownership_time}\n  - {goal_id: hand-on, metric: agent_work}\n",
    )
    assert folder.problems() == [
        "agreements/mail.yaml:17: goals[0].subject: is customer, from corporate.v1, but ownership_time is on teams; "
        "write team",
        "agreements/mail.yaml:18: goals[1].metric: is agent_work, but teams, from corporate.v1, is only for "
        "ownership_time; keep ownership_time, or make this a goal with a goal_id of its own",
    ]


def test_teams_are_not_looked_up_in_a_channel_that_could_not_be_read(folder: ConfigFolder) -> None:
    folder.write("agreements/departments.yaml", DEPARTMENTS.replace("zendesk:acme:9200000000003", "zendesk:b:1"))
    folder.change("channels.yaml", "kind: email", "kind: e-mail")
    assert folder.problems() == ["channels.yaml:6: channels[0].kind: unknown kind 'e-mail'; did you mean email?"]
