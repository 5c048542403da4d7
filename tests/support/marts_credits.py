"""Service credits of the fixture release: a fee of 42,000.00 a month, two goals with bands, an excluded month."""

# ruff: noqa: E501 - rows read better in long lines than in torn ones.

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


def credit_rows(named: Callable[[str], str]) -> list[Row]:
    """Rows of fct_service_credit. `named` stands in for texts that a person wrote."""
    october, september, august = date(2026, 10, 1), date(2026, 9, 1), date(2026, 8, 1)
    email = {"agreement_id": "email-support", "goal_id": "first_response", "precedence": 1}
    decided = {"decided_by": named("Head of Passenger Experience"), "decision_reason": named("As proposed")}
    applied = {
        "applied_by": named("Finance"), "applied_date": date(2026, 10, 1), "applied_reference": named("CN-2026-0917"),
        "status": "applied", "approved_amount": Decimal(1680), "decided_date": date(2026, 9, 10), **decided,
    }  # fmt: skip
    approved = {"status": "approved", "approved_amount": Decimal(3360), "decided_date": date(2026, 10, 8), **decided}
    earned_back = {
        "goal_id": "next_response", "precedence": 2, "earn_back_state": "earned_back", "earned_back_period": october,
        "earned_back_amount": Decimal(1680), "net_credit_amount": Decimal(0), "status": "applied", **applied,
    }  # fmt: skip
    return [
        _row({**email, "period": august, **applied}, met=32, share="0.04", band="[0.8, 0.9)"),
        _row({**email, "period": september, **approved}, met=31, share="0.08", band="[0.7, 0.8)"),
        _row(
            {**email, "period": october, "status": "proposed", "earn_back_state": "open"},
            met=30, share="0.08", band="[0.7, 0.8)", multiplier="1.5", streak=3,
        ),
        _row({**email, "period": august, **earned_back}, met=33, share="0.04", band="[0.8, 0.9)"),
        _row({**email, "goal_id": "next_response", "precedence": 2, "period": october}, met=39, why="goal_met"),
        _row(
            {
                "agreement_id": "x-australia-outsourcing", "goal_id": "first_response", "precedence": 1, "period": october,
                "currency": "AUD", "excluded_by": named("Steering board"), "excluded_reason": named("Strike"),
                "excluded_evidence": named("Notice 12"),
            },
            met=30, why="excluded",
        ),
    ]  # fmt: skip


def _row(
    given: Row,
    *,
    met: int,
    share: str | None = None,
    band: str | None = None,
    multiplier: str = "1",
    streak: int = 1,
    why: str = "credited",
) -> Row:
    fee, cap = Decimal(42000), Decimal(4200)
    base = fee * Decimal(share) if share else None
    multiplied = base * Decimal(multiplier) if base is not None else None
    amount = min(multiplied, cap) if multiplied is not None else Decimal(0)
    # Every row has every column: the first row's names are those of the table.
    said = ("excluded_by", "excluded_reason", "excluded_evidence", "approved_amount", "decided_by", "decided_date")
    said += ("decision_reason", "applied_by", "applied_date", "applied_reference", "earned_back_period")
    return {
        **dict.fromkeys(said), "decided_count": 40, "met_count": met, "goal_rate": Decimal("0.9"), "credited_elsewhere_count": 0,
        "credited_decided_count": 40, "result_rate": met / 40, "band": band,
        "credit_rate": Decimal(share) if share else None, "fee_amount": fee, "base_credit_amount": base,
        "consecutive_missed_count": streak, "multiplier": Decimal(multiplier), "multiplied_credit_amount": multiplied,
        "goal_cap_amount": cap, "goal_credit_amount": amount, "period_cap_amount": Decimal(5040),
        "credit_amount": amount, "currency": "USD",
        "cap_applied": "goal" if multiplied is not None and multiplied > cap else "none", "why": why,
        "status": "no_credit", "earn_back_state": "none", "earned_back_amount": Decimal(0),
        "net_credit_amount": amount, "is_signed": False, **given,
    }  # fmt: skip
