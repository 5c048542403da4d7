"""The service credits of a month in words: every step, what people decided, what was earned back (C1 to C5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from social_sla.review import words
from social_sla.review.store import Row, ServiceCredit

NO_CREDITS_AGREED = "The agreement gives no service credits."
WHY_NOT = {
    "goal_met": "the goal was met",
    "indeterminate": "the month cannot be judged",
    "excluded": "excluded",
    "no_fee": "the month has no fee",
    "above_bands": "missed, and above the bands",
    "credited_elsewhere": "what is left without incidents credited under another goal is above the bands (C3)",
    "cap_used_up": "goals before it have used up the month's cap (C2)",
    "rounded_to_nothing": "less than the currency's smallest unit",
}


@dataclass(frozen=True)
class CreditView:
    """One goal's credit of the month. `steps` tell the calculation in order; `status` who decided what."""

    goal_name: str
    amount: str
    steps: tuple[str, ...]
    status: str


@dataclass(frozen=True)
class CreditsView:
    """An agreement's credits of the month. `line` says in one line that there are none; then there are no `credits`."""

    credits: tuple[CreditView, ...]
    total: str
    earned_back: tuple[str, ...]
    line: str


def credits_view(rows: Sequence[ServiceCredit], names: Mapping[str, str], period: date) -> CreditsView:
    """The view of one agreement.

    Args:
        rows: its credits of the month, and those of earlier months that the month earned back.
        names: what its goals are called, by goal_id.
        period: the month, its first day.
    """
    own = [row for row in rows if row.period == period]
    shown = [row for row in own if row.credit_amount or row.status != "no_credit"]
    earned_back = tuple(
        f"{words.money(row.earned_back_amount, row.currency)} of the credit of {words.month(row.period)} for "
        f"{names.get(row.goal_id, row.goal_id)}: the months since then exceeded the goal (C2)."
        for row in rows
        if row.earned_back_period == period
    )
    if not own:
        line = NO_CREDITS_AGREED
    else:
        reasons = "; ".join(f"{names.get(row.goal_id, row.goal_id)}: {_why_not(row)}" for row in own)
        line = "" if shown else f"No service credit for this month. {reasons}."
    total = words.money(sum(row.credit_amount for row in own), own[0].currency) if own else words.NO_VALUE
    views = tuple(_view(row, names) for row in (own if shown else ()))
    return CreditsView(credits=views, total=total, earned_back=earned_back, line=line)


def _view(row: ServiceCredit, names: Mapping[str, str]) -> CreditView:
    return CreditView(
        goal_name=names.get(row.goal_id, row.goal_id),
        amount=words.money(row.credit_amount, row.currency),
        steps=tuple(_steps(row)),
        status=_status(row),
    )


def _steps(row: ServiceCredit) -> list[str]:
    if row.credit_rate is None:
        return [f"No credit: {_why_not(row)}."]

    def money(amount: object) -> str:
        return words.money(amount, row.currency)

    steps = []
    if row.credited_elsewhere_count:
        count = words.plural(row.credited_elsewhere_count, "missed clock")
        steps.append(f"{count} left out: credited under another goal (C3).")
    result = f"{words.count(row.met_count)} of {words.count(row.credited_decided_count)} met"
    share = words.rate(row.credit_rate)
    base = f"{share} of {money(row.fee_amount)} (C1): {money(row.base_credit_amount)}"
    steps.append(f"{result}, in the band {row.band}: {base}.")
    if row.multiplier != 1:
        month = f"missed month {row.consecutive_missed_count} in a row"
        steps.append(
            f"Times {words.decimal_text(row.multiplier)}, {month} (C2): {money(row.multiplied_credit_amount)}."
        )
    if row.cap_applied in ("goal", "both"):
        steps.append(f"Cap of one goal (C2): {money(row.goal_cap_amount)}.")
    elif row.goal_credit_amount != row.multiplied_credit_amount:
        steps.append(f"Rounded (C4): {money(row.goal_credit_amount)}.")
    if row.cap_applied in ("agreement", "both"):
        cap = money(row.period_cap_amount)
        steps.append(f"Cap of the month for all goals, {cap} (C2): {money(row.credit_amount)} is left.")
    return steps


def _why_not(row: ServiceCredit) -> str:
    if row.why == "excluded":
        return f"excluded by {row.excluded_by}, {row.excluded_reason} (evidence: {row.excluded_evidence})"
    return WHY_NOT.get(row.why, row.why.replace("_", " "))


def _status(row: ServiceCredit) -> str:
    if row.status == "no_credit":
        return words.NO_VALUE
    said = row.status.capitalize()
    if row.status == "proposed":
        said = "Proposed: waits for a decision"
    elif row.decided_by:
        decided = f"{row.decided_by}, {words.day(row.decided_date)}: {row.decision_reason}"
        amount = f" {words.money(row.approved_amount, row.currency)}" if row.approved_amount is not None else ""
        said = f"{'Rejected' if row.status == 'rejected' else 'Approved' + amount} by {decided}"
    if row.status == "applied":
        reference = f" ({row.applied_reference})" if row.applied_reference else ""
        said += f"; applied by {row.applied_by}, {words.day(row.applied_date)}{reference}"
    if row.earned_back_period:
        back = words.money(row.earned_back_amount, row.currency)
        said += f"; {back} earned back in {words.month(row.earned_back_period)}"
    elif row.earn_back_state == "open":
        said += "; may still be earned back (C2)"
    return said


def evidence_note(month: Row) -> str:
    """One month of a flag for credits (T1d): `August 2026: credits of 1,680.00 USD, fee 42,000.00 USD`."""
    currency = str(month.get("currency"))
    credit, fee = (words.money(month.get(name), currency) for name in ("credit_amount", "fee_amount"))
    return f"{words.month(words.parse_period(str(month.get('period'))))}: credits of {credit}, fee {fee}"
