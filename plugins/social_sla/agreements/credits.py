"""The terms of an agreement version's service credits after inheritance (C1 to C4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from social_sla.agreements.credit_models import EarnBack, Repeat
from social_sla.agreements.inheritance import Merged
from social_sla.agreements.money import MINOR_UNITS, Rounding


@dataclass(frozen=True)
class CreditBand:
    """Results from `from_rate` to under `below_rate` give `credit_rate` of the fee."""

    from_rate: Decimal
    below_rate: Decimal
    credit_rate: Decimal

    @property
    def name(self) -> str:
        """`[0.7, 0.85)`: from 0.7, and under 0.85."""
        return f"[{_plain(self.from_rate)}, {_plain(self.below_rate)})"


@dataclass(frozen=True)
class EffectiveCredits:
    """`fees` are (first month, amount) in order; `bands` are by goal_id, in order of precedence."""

    currency: str
    rounding: Rounding
    fees: tuple[tuple[date, Decimal], ...]
    bands: dict[str, tuple[CreditBand, ...]]
    goal_cap: Decimal | None
    cap: Decimal | None
    repeat: Repeat | None
    earn_back: EarnBack | None

    @property
    def minor_unit(self) -> int:
        """Decimals of the currency's smallest unit."""
        return MINOR_UNITS[self.currency]


def gives_credits(merged: Merged) -> bool:
    """Whether a version states or inherits fees or bands: rules alone, as of a corporate standard, give nothing."""
    return bool(merged.credits.keys() & {"fees", "bands"})


def banded_goals(merged: Merged) -> list[str]:
    """The version's goals with bands. Inherited bands of a goal that it leaves out are none of its own."""
    term = merged.credits.get("bands")
    return [goal_id for goal_id in (term.value if term else {}) if goal_id in merged.goals]


def effective_credits(merged: Merged) -> EffectiveCredits | None:
    """The credits of a version that has passed every check; None where it gives none."""
    goal_ids = banded_goals(merged)
    if not gives_credits(merged) or not goal_ids:
        return None
    terms = {name: term.value for name, term in merged.credits.items()}
    if len(goal_ids) > 1:
        goal_ids = [goal_id for goal_id in terms["precedence"] if goal_id in goal_ids]
    return EffectiveCredits(
        currency=terms["currency"],
        rounding=terms.get("rounding", Rounding.HALF_UP),
        fees=tuple((fee.from_period, fee.amount) for fee in terms["fees"]),
        bands={goal_id: _bands(terms["bands"][goal_id]) for goal_id in goal_ids},
        goal_cap=terms.get("goal_cap"),
        cap=terms.get("cap"),
        repeat=terms.get("repeat"),
        earn_back=terms.get("earn_back"),
    )


def _bands(stated: tuple) -> tuple[CreditBand, ...]:
    """Stated bands with their lower ends: each reaches down to the next, the lowest to nothing."""
    ordered = sorted(stated, key=lambda band: band.below, reverse=True)
    lower = [*(band.below for band in ordered[1:]), Decimal(0)]
    return tuple(CreditBand(low, band.below, band.credit) for low, band in zip(lower, ordered, strict=True))


def _plain(rate: Decimal) -> str:
    return format(rate.normalize(), "f")
