"""Service credits in the configuration: inheritance, tables, and what people decided (C1 to C5)."""

# ruff: noqa: E501 - decisions and problems are lines of files.

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from social_sla.agreements import EffectiveAgreement, config_tables, load_config
from social_sla.agreements.money import MINOR_UNITS

from tests.unit.agreements.conftest import CORPORATE, ConfigFolder

CREDITS = """
credits:
  currency: EUR
  rounding: half_even
  fees:
    - {from_period: 2025-06, amount: 1000.00}
    - {from_period: 2026-07, amount: 1200.50}
  bands:
    solved: [{below: 85 %, credit: 10 %}]
    first: [{below: 0.90, credit: 5 %}, {below: 0.75, credit: 10 %}]
  precedence: [first, solved]
  goal_cap: 8 %
  cap: 12 %
  repeat: {consecutive_periods: 3, multiplier: 1.5}
  earn_back: {periods: 2, share: 50 %}
  exclusions:
    - {goal: first, period: 2026-02, by: Board, reason: Strike, evidence: Notice 12}
"""
DECISIONS = """\
decisions:
  - {agreement: mail, goal: first, period: 2026-03, decision: approved, amount: 50.00, by: Board, date: 2026-04-08, reason: Yes}
  - {agreement: mail, goal: first, period: 2026-03, decision: applied, by: Finance, date: 2026-05-01, reason: Done, reference: CN-1}
  - {agreement: mail, goal: first, period: 2026-04, decision: rejected, by: Board, date: 2026-05-08, reason: Our outage}
"""


@pytest.fixture
def credited(folder: ConfigFolder) -> ConfigFolder:
    """The good configuration, in which `mail` gives credits."""
    folder.change("agreements/mail.yaml", "version: 1\n", f"version: 1{CREDITS}")
    return folder


def _rows(folder: ConfigFolder, table: str) -> list[dict[str, Any]]:
    tables = config_tables(load_config(folder.path), as_of=datetime(2026, 11, 3, tzinfo=UTC))
    return list(tables[table].to_pylist())


def _agreement(folder: ConfigFolder, key: str) -> EffectiveAgreement:
    return next(item for item in load_config(folder.path).agreements if item.agreement_key == key)


def test_the_terms_become_rows(credited: ConfigFolder) -> None:
    assert _rows(credited, "credit_terms") == [
        {
            "agreement_key": "mail.v1",
            "currency": "EUR",
            "minor_unit": 2,
            "rounding": "half_even",
            "goal_cap_rate": Decimal("0.08"),
            "cap_rate": Decimal("0.12"),
            "repeat_consecutive_periods": 3,
            "repeat_multiplier": Decimal("1.5"),
            "earn_back_periods": 2,
            "earn_back_rate": Decimal("0.5"),
        }
    ]
    first, then = date(2025, 6, 1), date(2026, 7, 1)
    assert [tuple(row.values()) for row in _rows(credited, "credit_fees")] == [
        ("mail.v1", first, then, Decimal("1000.000")),
        ("mail.v1", then, None, Decimal("1200.500")),
    ]
    share = {name: Decimal(name) for name in ("0.9", "0.75", "0.85", "0.05", "0.1", "0")}
    assert [tuple(row.values())[1:] for row in _rows(credited, "credit_bands")] == [
        ("first", 1, "[0.75, 0.9)", share["0.75"], share["0.9"], share["0.05"]),
        ("first", 1, "[0, 0.75)", share["0"], share["0.75"], share["0.1"]),
        ("solved", 2, "[0, 0.85)", share["0"], share["0.85"], share["0.1"]),
    ]
    assert _rows(credited, "credit_exclusions") == [
        {
            "agreement_id": "mail",
            "goal_id": "first",
            "period": date(2026, 2, 1),
            "excluded_by": "Board",
            "reason": "Strike",
            "evidence": "Notice 12",
        }
    ]
    assert _rows(credited, "credit_decisions") == []


def test_each_line_is_inherited_on_its_own_with_where_it_was_stated(folder: ConfigFolder) -> None:
    rules = "credits: {currency: EUR, cap: 10 %, earn_back: {periods: 3}}\nhours: office"
    folder.write("agreements/corporate.yaml", CORPORATE.replace("hours: office", rules))
    assert _rows(folder, "credit_terms") == []  # rules alone give nothing
    lines = (
        "credits: {cap: 5 %, fees: [{from_period: 2026-01, amount: 900}], bands: {next: [{below: 0.85, credit: 5 %}]}}"
    )
    folder.change("agreements/mail.yaml", "version: 1\n", f"version: 1\n{lines}\n")
    mail = _agreement(folder, "mail.v1")
    assert mail.credits is not None
    assert (mail.credits.currency, mail.credits.cap, mail.credits.rounding) == ("EUR", Decimal("0.05"), "half_up")
    assert mail.credits.earn_back is not None
    assert mail.credits.earn_back.periods == 3
    stated_by = {
        row["term"]: row["stated_by"] for row in _rows(folder, "agreement_terms") if row["agreement_key"] == "mail.v1"
    }
    assert (stated_by["credits.cap"], stated_by["credits.earn_back"]) == ("mail.v1", "corporate.v1")
    assert _agreement(folder, "corporate.v1").credits is None


def test_an_ssla_gives_no_credits_that_it_does_not_state_itself(credited: ConfigFolder) -> None:
    credited.change("agreements/tweets.yaml", "version: 1\n", "version: 1\nparent: mail\nwithout_goals: [solved]\n")
    assert _agreement(credited, "tweets.v1").credits is None
    credited.change("agreements/tweets.yaml", "kind: ssla", "kind: vendor")
    credited.change("agreements/tweets.yaml", "goal_rate: 0.75", "goal_rate: 0.95")
    tweets = _agreement(credited, "tweets.v1").credits
    assert tweets is not None
    # A goal that it does not take over gives no credits either; exclusions are of the agreement that states them.
    assert list(tweets.bands) == ["first"]
    assert {row["agreement_id"] for row in _rows(credited, "credit_exclusions")} == {"mail"}


def test_an_inherited_band_over_the_own_goal_is_told_where_it_does_not_fit(credited: ConfigFolder) -> None:
    credited.change("agreements/tweets.yaml", "version: 1\n", "version: 1\nparent: mail\nwithout_goals: [solved]\n")
    credited.change("agreements/tweets.yaml", "kind: ssla", "kind: vendor")
    credited.change("agreements/tweets.yaml", "goal_rate: 0.75", "goal_rate: 0.70")
    assert [problem.split(";")[0] for problem in credited.problems()] == [
        "agreements/tweets.yaml:1: credits: the highest band of first reaches to 0.9, over its goal_rate 0.7"
    ]


def test_an_agreement_keeps_its_currency(credited: ConfigFolder) -> None:
    text = (credited.path / "agreements/mail.yaml").read_text()
    second = text.replace("version: 1", "version: 2").replace("currency: EUR", "currency: CHF")
    credited.write("agreements/mail.yaml", f"{text}---\n{second}")
    assert any(
        "credits.currency: is CHF, but EUR in mail.v1; keep one currency, or write a new agreement" in problem
        for problem in credited.problems()
    )


def test_decisions_are_read_in_order(credited: ConfigFolder) -> None:
    credited.write("credit_decisions.yaml", DECISIONS)
    rows = _rows(credited, "credit_decisions")
    assert [(row["period"].month, row["decision"], row["amount"], row["decided_by"]) for row in rows] == [
        (3, "approved", Decimal("50.000"), "Board"),
        (3, "applied", None, "Finance"),
        (4, "rejected", None, "Board"),
    ]
    assert rows[1]["reference"] == "CN-1"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("agreement: mail, goal: first, period: 2026-04", "agreement: mial, goal: first, period: 2026-04",
         "credit_decisions.yaml:4: decisions[2].agreement: unknown agreement 'mial'; did you mean mail?"),
        ("agreement: mail, goal: first, period: 2026-04", "agreement: tweets, goal: first, period: 2026-04",
         "credit_decisions.yaml:4: decisions[2].agreement: 'tweets' gives no credits; add credits to the agreement, or take "
         "this out"),
        ("goal: first, period: 2026-04", "goal: next, period: 2026-04",
         "credit_decisions.yaml:4: decisions[2].goal: 'next' has no bands in 'mail'; one of first, solved"),
        ("date: 2026-05-08", "date: 2026-03-31",
         "credit_decisions.yaml:4: decisions[2].date: 2026-03-31 is before 2026-04 is over; write the day of the decision"),
        ("amount: 50.00, ", "",
         "credit_decisions.yaml:2: decisions[0].amount: is missing; write the amount that is approved"),
        ("amount: 50.00", "amount: 50.001",
         "credit_decisions.yaml:2: decisions[0].amount: 50.001 is finer than EUR has it; write 2 decimals"),
        ("decision: rejected", "decision: rejected, amount: 5",
         "credit_decisions.yaml:4: decisions[2].amount: stands with rejected; only an approval has an amount"),
        ("decision: rejected", "decision: applied",
         "credit_decisions.yaml:4: decisions[2].decision: applied follows an approval; add the decision approved above it"),
        ("period: 2026-04", "period: 2026-03",
         "credit_decisions.yaml:4: decisions[2].decision: this credit is applied already; keep one decision, or write "
         "applied after approved"),
        ("date: 2026-05-01", "date: 2026-04-07",
         "credit_decisions.yaml:3: decisions[1].date: 2026-04-07 is before 2026-04-08 of the decision above; write them in "
         "order"),
        ("decision: rejected", "decision: refused",
         "credit_decisions.yaml:4: decisions[2].decision: unknown decision 'refused'; one of applied, approved, "
         "rejected"),
        (", reason: Our outage", "", "credit_decisions.yaml:4: decisions[2].reason: is missing; add reason"),
    ],
)  # fmt: skip
def test_a_slip_in_the_decisions_is_told(credited: ConfigFolder, old: str, new: str, problem: str) -> None:
    credited.write("credit_decisions.yaml", DECISIONS)
    credited.change("credit_decisions.yaml", old, new)
    assert credited.problems() == [problem]


def test_currencies_have_their_smallest_unit() -> None:
    assert {code: MINOR_UNITS[code] for code in ("EUR", "AUD", "JPY", "KWD", "CLP", "TND")} == {
        "EUR": 2,
        "AUD": 2,
        "JPY": 0,
        "KWD": 3,
        "CLP": 0,
        "TND": 3,
    }
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNITS)
