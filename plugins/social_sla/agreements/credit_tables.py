"""Service credits as rows of schema `config` (docs/architecture.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from social_sla.agreements.config import Config, EffectiveAgreement
from social_sla.agreements.credits import EffectiveCredits

Row = dict[str, Any]


def credit_rows(config: Config) -> dict[str, list[Row]]:
    """The rows of the tables `credit_*`, in order of agreement and version."""
    rows: dict[str, list[Row]] = {
        name: [] for name in ("credit_terms", "credit_fees", "credit_bands", "credit_exclusions")
    }
    for item in config.agreements:
        if item.credits:
            key = {"agreement_key": item.agreement_key}
            rows["credit_terms"].append(key | _terms(item.credits))
            rows["credit_fees"] += [key | row for row in _fees(item.credits)]
            rows["credit_bands"] += [key | row for row in _bands(item.credits)]
        rows["credit_exclusions"] += _exclusions(item)
    rows["credit_decisions"] = [
        {
            "agreement_id": decision.agreement,
            "goal_id": decision.goal,
            "period": decision.period,
            "decision": decision.decision,
            "amount": decision.amount,
            "decided_by": decision.by,
            "decided_date": decision.date,
            "reason": decision.reason,
            "reference": decision.reference,
        }
        for decision in config.credit_decisions
    ]
    return rows


def _terms(credits: EffectiveCredits) -> Row:
    repeat, earn_back = credits.repeat, credits.earn_back
    return {
        "currency": credits.currency,
        "minor_unit": credits.minor_unit,
        "rounding": credits.rounding,
        "goal_cap_rate": credits.goal_cap,
        "cap_rate": credits.cap,
        "repeat_consecutive_periods": repeat.consecutive_periods if repeat else None,
        "repeat_multiplier": repeat.multiplier if repeat else None,
        "earn_back_periods": earn_back.periods if earn_back else None,
        "earn_back_rate": (earn_back.share or Decimal(1)) if earn_back else None,
    }


def _fees(credits: EffectiveCredits) -> list[Row]:
    ends = [first for first, _ in credits.fees[1:]]
    return [
        {"from_period": first, "to_period": end, "fee_amount": amount}
        for (first, amount), end in zip(credits.fees, [*ends, None], strict=True)
    ]


def _bands(credits: EffectiveCredits) -> list[Row]:
    return [
        {
            "goal_id": goal_id,
            "precedence": precedence,
            "band": band.name,
            "from_rate": band.from_rate,
            "below_rate": band.below_rate,
            "credit_rate": band.credit_rate,
        }
        for precedence, (goal_id, bands) in enumerate(credits.bands.items(), start=1)
        for band in bands
    ]


def _exclusions(item: EffectiveAgreement) -> list[Row]:
    stated = item.stated.credits
    return [
        {
            "agreement_id": item.agreement_id,
            "goal_id": exclusion.goal,
            "period": exclusion.period,
            "excluded_by": exclusion.by,
            "reason": exclusion.reason,
            "evidence": exclusion.evidence,
        }
        for exclusion in (stated.exclusions if stated else ())
    ]
