"""The dbt models of service credits and the plain-Python oracle agree on hand-worked and random months (C1 to C5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from social_sla.quality.declarations import load_suites
from social_sla.settings import PROJECT_DIR

from tests.oracle.credits import Month, SignedCredit, Terms, credits, flagged_months
from tests.oracle.monthly import next_month
from tests.oracle.test_golden_credits import CASES
from tests.support.credit_months import compile_engine, judged, run
from tests.support.engine import Engine

RULES = {
    expectation.name: expectation
    for suite in load_suites(PROJECT_DIR / "expectations" / "declared")
    if suite.name == "fct_service_credit"
    for expectation in suite.expectations
    # There is no mart of agreements and months here, and people approve what they like.
    if expectation.rule not in ("references", "of_the_month", "approved_as_proposed")
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return compile_engine(Path(tmp_path_factory.mktemp("credits")))


def differences(engine: Engine, months: Sequence[Month]) -> list[str]:
    """Every figure on which oracle and warehouse differ, in words."""
    found = credits(months)
    con = run(engine, months)
    try:
        expected = {(c.goal_id, c.period): _expected(c) for c in found}
        actual = {(row["goal_id"], row["period"]): _actual(row) for row in _rows(con, _CREDITS)}
        # What signed rows say of their steps is what was signed; the rest of the row is compared.
        signed = {(m.goal_id, m.period) for m in months if m.signed_credit}
        for key in signed:
            for side in (expected[key], actual[key]):
                for name in ("elsewhere", "credit_rate", "multiplier"):
                    side.pop(name)
        wrong = [
            f"{key}: oracle {expected.get(key)}, warehouse {actual.get(key)}"
            for key in sorted(expected.keys() | actual.keys())
            if expected.get(key) != actual.get(key)
        ]
        restated = {
            (row["goal_id"], row["period"]): row["restated_credit_amount"]
            for row in _rows(con, "select * from marts.fct_restatement")
            if row["signed_credit_amount"] is not None
        }
        wanted = {key: c.computed for c in found if (key := (c.goal_id, c.period)) in signed}
        wrong += [
            f"restated {key}: {restated[key]}, oracle {wanted[key]}" for key in restated if restated[key] != wanted[key]
        ]
        changed = {(c.goal_id, c.period) for c in found if (c.goal_id, c.period) in signed and c.computed != c.amount}
        wrong += [f"{key} changed after the signing, and no restatement says so" for key in changed - restated.keys()]
        flags = {
            row["last_period"]: row["missed_period_count"]
            for row in _rows(con, "select * from marts.fct_termination_review_flag where rule_id = 'T1d'")
        }
        if flags != flagged_months(months, found):
            wrong.append(f"flags: oracle {flagged_months(months, found)}, warehouse {flags}")
        wrong += [
            f"gate rule {name}: {rows}"
            for name, rule in RULES.items()
            if (rows := con.execute(rule.readable_sql).fetchmany(2))
        ]
        return wrong
    finally:
        con.close()


_CREDITS = "select * from marts.fct_service_credit order by goal_id, period"


def _expected(credit: Any) -> dict[str, Any]:
    return {
        "elsewhere": credit.elsewhere,
        "credit_rate": credit.credit_rate,
        "multiplier": credit.multiplier,
        "amount": credit.amount,
        "why": credit.why,
        "owed": credit.owed,
        "earn_back": credit.earn_back,
        "earned_back_period": credit.earned_back_period,
        "earned_back": credit.earned_back,
    }


def _actual(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "elsewhere": row["credited_elsewhere_count"],
        "credit_rate": None if row["credit_rate"] is None else Fraction(row["credit_rate"]),
        "multiplier": Fraction(row["multiplier"]),
        "amount": row["credit_amount"],
        "why": row["why"],
        "owed": row["net_credit_amount"] + row["earned_back_amount"],
        "earn_back": row["earn_back_state"],
        "earned_back_period": row["earned_back_period"],
        "earned_back": row["earned_back_amount"],
    }


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    relation = con.execute(sql)
    names = [column[0] for column in relation.description]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_hand_worked_credits(engine: Engine, case: Any) -> None:
    assert not differences(engine, case.months)


@pytest.mark.parametrize("seed", range(60))
def test_the_credits_of_random_agreements(engine: Engine, seed: int) -> None:
    found = differences(engine, random_months(random.Random(seed)))
    assert not found, "\n".join(found[:6])


def test_random_agreements_show_every_reason_cap_and_earn_back(engine: Engine) -> None:
    """Else the comparison would say nothing about them."""
    seen: set[tuple[str, str]] = set()
    for seed in range(60):
        con = run(engine, random_months(random.Random(seed)))
        for name in ("why", "cap_applied", "earn_back_state", "status"):
            seen |= {
                (name, value)
                for (value,) in con.execute(f"select distinct {name} from marts.fct_service_credit").fetchall()
            }
        con.close()
    wanted = {
        "why": {
            "credited", "goal_met", "indeterminate", "excluded", "no_fee", "above_bands", "credited_elsewhere",
            "cap_used_up", "rounded_to_nothing",
        },
        "cap_applied": {"none", "goal", "agreement", "both"},
        "earn_back_state": {"none", "open", "earned_back", "lost"},
        "status": {"no_credit", "proposed", "approved", "rejected"},
    }  # fmt: skip
    assert {(name, value) for name, values in wanted.items() for value in values} <= seen


def random_months(rng: random.Random) -> list[Month]:
    """An agreement's months: one to four goals, one or two versions, incidents shared by goals and months."""
    goals = [f"g{number}" for number in range(rng.randint(1, 4))]
    rates = {goal: Fraction(rng.choice((70, 80, 85, 90, 95)), 100) for goal in goals}
    first = date(2026, 1, 1)
    versions = [_terms(rng, goals, rates, first), _terms(rng, goals, rates, first)]
    versions[1] = replace(versions[1], currency=versions[0].currency, minor_unit=versions[0].minor_unit)
    months: list[Month] = []
    signed_until = rng.randint(0, 6)
    cut, period = rng.randint(6, 20), first
    for number in range(rng.randint(8, 18)):
        pool = range(number * 6, number * 6 + rng.randint(4, 30))  # overlaps the months around it
        for goal in goals:
            missed = tuple(rng.choice(pool) for _ in range(rng.choice((0, 1, 2, 4, 8, 12))))
            month = Month(
                goal,
                period,
                versions[number >= cut],
                rates[goal],
                rng.randint(0, 40),
                missed,
                None,
                rng.random() < 0.05,
            )
            month = judged(month)
            if rng.random() < 0.05:
                month = replace(month, verdict=None)
            elif number < signed_until:
                month = _signed(rng, month)
            if goal not in month.terms.bands:
                pass  # nothing to decide about
            elif rng.random() < 0.1:
                month = replace(month, is_rejected=True)
            elif rng.random() < 0.1:
                month = replace(month, approved=Decimal(rng.randint(0, 5000)))
            months.append(month)
        period = next_month(period)
    return months


def _terms(rng: random.Random, goals: Sequence[str], rates: dict[str, Fraction], first: date) -> Terms:
    currency, minor_unit = rng.choice((("EUR", 2), ("JPY", 0), ("KWD", 3)))

    def fee() -> Decimal:
        return rng.choice(
            (Decimal(0), Decimal(1).scaleb(-minor_unit), *[Decimal(rng.randint(1, 10**9)).scaleb(-minor_unit)] * 8)
        )

    bands = {}
    for goal in goals:
        if goal != goals[0] and rng.random() < 0.2:
            continue
        top = rates[goal] - rng.choice((0, 0, Fraction(5, 100)))
        below = [top - Fraction(step * rng.randint(5, 9), 100) for step in range(rng.randint(1, 4))]
        shares = sorted(rng.sample(range(5, 400), len(below)))
        bands[goal] = tuple((b, Fraction(s, 1000)) for b, s in zip(sorted(below, reverse=True), shares, strict=True))
    cap = rng.choice((None, Fraction(rng.randint(5, 300), 1000)))
    return Terms(
        fees=((first, fee()), (date(2026, rng.randint(3, 9), 1), fee())),
        bands=bands,
        precedence=tuple(rng.sample(goals, len(goals))),
        currency=currency,
        minor_unit=minor_unit,
        rounding=rng.choice(("half_up", "half_even", "down")),
        goal_cap=rng.choice((None, Fraction(rng.randint(5, 200), 1000))),
        cap=cap,
        repeat=rng.choice((None, (rng.randint(2, 4), Fraction(rng.randint(1001, 3000), 1000)))),
        earn_back=rng.choice((None, (rng.randint(1, 3), Fraction(rng.choice((250, 333, 500, 1000)), 1000)))),
        flag=rng.choice((None, (Fraction(rng.randint(1, 100), 1000), rng.randint(1, 3), rng.randint(3, 6)))),
    )


def _signed(rng: random.Random, month: Month) -> Month:
    """Signed before the last data came: other counts, and mostly another credit."""
    decided = month.met_count + len(month.missed) + rng.randint(0, 3)
    met = min(month.met_count + rng.randint(0, 2), decided)
    verdict = None if decided < 5 else Fraction(met, decided) >= month.goal_rate
    signed = replace(month, signed_counts=(met, decided), signed_verdict=verdict)
    if month.goal_id not in month.terms.bands or rng.random() < 0.2:
        return signed
    if verdict is False and rng.random() < 0.8:
        amount = Decimal(rng.randint(1, 9000))
        return replace(signed, signed_credit=SignedCredit(Decimal("0.05"), amount, "credited"))
    why = "goal_met" if verdict else "indeterminate" if verdict is None else "above_bands"
    return replace(signed, signed_credit=SignedCredit(None, Decimal(0), why))
