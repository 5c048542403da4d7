"""Service credits (C1 to C5, T1d) in plain Python: month by month, goal by goal, conversation by conversation.

Shares are fractions and money is `Decimal`; nothing is a float. Independent of the warehouse's SQL: it keeps a note of
every conversation that has been credited, and under which goal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}


@dataclass(frozen=True)
class Terms:
    """What one version of an agreement says. Bands are (below, share of the fee), the highest first."""

    fees: tuple[tuple[date, Decimal], ...]
    bands: Mapping[str, tuple[tuple[Fraction, Fraction], ...]]
    precedence: tuple[str, ...]
    currency: str = "EUR"
    minor_unit: int = 2
    rounding: str = "half_up"
    goal_cap: Fraction | None = None
    cap: Fraction | None = None
    repeat: tuple[int, Fraction] | None = None
    earn_back: tuple[int, Fraction] | None = None
    flag: tuple[Fraction, int, int] | None = None

    def fee(self, period: date) -> Decimal:
        """The fee of a month: the last line that has begun."""
        return [amount for first, amount in self.fees if first <= period][-1]


@dataclass(frozen=True)
class SignedCredit:
    """What a review signed of a month's credit (D11)."""

    credit_rate: Decimal | None
    credit_amount: Decimal
    why: str


@dataclass(frozen=True)
class Month:
    """A goal's month. `missed` has a conversation for each missed clock; `verdict` is the one of the data now."""

    goal_id: str
    period: date
    terms: Terms
    goal_rate: Fraction
    met_count: int
    missed: tuple[int, ...]
    verdict: bool | None
    is_excluded: bool = False
    signed_counts: tuple[int, int] | None = None
    signed_verdict: bool | None = None
    signed_credit: SignedCredit | None = None
    is_rejected: bool = False
    approved: Decimal | None = None

    @property
    def is_met(self) -> bool | None:
        """The verdict that stands: the signed one of a signed month (D11)."""
        return self.signed_verdict if self.signed_counts else self.verdict

    @property
    def exceeds(self) -> bool:
        """Better than the goal, not only as good; with the figures that stand."""
        met, decided = self.signed_counts or (self.met_count, self.met_count + len(self.missed))
        return decided > 0 and Fraction(met, decided) > self.goal_rate


@dataclass(frozen=True)
class Credit:
    """One month of one goal. `computed` is what the data give now; `amount` what stands (D11)."""

    goal_id: str
    period: date
    elsewhere: int
    credit_rate: Fraction | None
    multiplier: Fraction
    computed: Decimal
    amount: Decimal
    why: str
    owed: Decimal
    earn_back: str = "none"
    earned_back_period: date | None = None
    earned_back: Decimal = field(default=Decimal(0))


def rounded(amount: Fraction, terms: Terms, rule: str | None = None) -> Decimal:
    """To the smallest unit of the currency (C4)."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(amount.numerator) / Decimal(amount.denominator)
        assert Fraction(exact) == amount, "shares and amounts are decimals, so their products are"
        return exact.quantize(Decimal(1).scaleb(-terms.minor_unit), ROUNDING[rule or terms.rounding])


def credits(months: Sequence[Month]) -> list[Credit]:
    """The credits of one agreement, of all its goals with bands."""
    by_goal: dict[str, list[Month]] = {}
    for month in sorted(months, key=lambda m: m.period):
        by_goal.setdefault(month.goal_id, []).append(month)
    streaks = {(m.goal_id, m.period): n for own in by_goal.values() for m, n in zip(own, _streaks(own), strict=True)}
    credited_under: dict[int, str] = {}
    found: list[Credit] = []
    for period in sorted({m.period for m in months}):
        of_month = [m for m in months if m.period == period and m.goal_id in m.terms.bands]
        paid = Decimal(0)
        for month in sorted(of_month, key=lambda m: m.terms.precedence.index(m.goal_id)):
            streak = max(streaks[month.goal_id, period], 1)
            credit, uncapped = _credit(month, streak, credited_under, paid)
            paid += uncapped
            found.append(_with_earn_back(credit, month, by_goal[month.goal_id]))
    return found


def _streaks(own: Sequence[Month]) -> list[int]:
    counts, streak = [], 0
    for month in own:
        if month.is_met is not None:
            streak = 0 if month.is_met else streak + 1
        counts.append(streak)
    return counts


def _credit(month: Month, streak: int, credited_under: dict[int, str], paid: Decimal) -> tuple[Credit, Decimal]:
    """The credit, and the goal's credit before the month's cap; notes whose incidents are credited."""
    terms = month.terms
    fee = terms.fee(month.period)
    elsewhere = [c for c in month.missed if credited_under.get(c, month.goal_id) != month.goal_id]
    decided = month.met_count + len(month.missed) - len(elsewhere)
    share = None
    if month.verdict is False and not month.is_excluded and fee and decided:
        share = _band(terms.bands[month.goal_id], Fraction(month.met_count, decided))
    stands = month.signed_credit.credit_rate is not None if month.signed_credit else share is not None
    if stands:
        for conversation in month.missed:
            credited_under.setdefault(conversation, month.goal_id)
    multiplier = terms.repeat[1] if terms.repeat and streak >= terms.repeat[0] else Fraction(1)
    of_goal = Decimal(0)
    if share is not None:
        exact = Fraction(fee) * share * multiplier
        if terms.goal_cap is not None:
            exact = min(exact, Fraction(rounded(Fraction(fee) * terms.goal_cap, terms, "down")))
        of_goal = rounded(exact, terms)
    amount = of_goal
    if terms.cap is not None:
        amount = max(Decimal(0), min(amount, rounded(Fraction(fee) * terms.cap, terms, "down") - paid))
    why = _why(month, fee, share, of_goal, amount)
    standing = month.signed_credit.credit_amount if month.signed_credit else amount
    if month.signed_credit:
        why = month.signed_credit.why
    owed = Decimal(0) if month.is_rejected else standing if month.approved is None else month.approved
    credit = Credit(month.goal_id, month.period, len(elsewhere), share, multiplier, amount, standing, why, owed)
    return credit, of_goal


def _band(bands: Sequence[tuple[Fraction, Fraction]], result: Fraction) -> Fraction | None:
    fitting = [credit for below, credit in bands if result < below]
    return fitting[-1] if fitting else None


def _why(month: Month, fee: Decimal, share: Fraction | None, of_goal: Decimal, amount: Decimal) -> str:
    if month.verdict is None:
        return "indeterminate"
    if month.verdict:
        return "goal_met"
    if month.is_excluded:
        return "excluded"
    if not fee:
        return "no_fee"
    if share is None:
        alone = Fraction(month.met_count, month.met_count + len(month.missed))
        return "above_bands" if _band(month.terms.bands[month.goal_id], alone) is None else "credited_elsewhere"
    if not amount:
        return "cap_used_up" if of_goal else "rounded_to_nothing"
    return "credited"


def _with_earn_back(credit: Credit, month: Month, own: Sequence[Month]) -> Credit:
    """C2: the next judged months, as many as are asked for, all exceed the goal. Counts for what stands."""
    terms = month.terms
    if terms.earn_back is None or not credit.owed or month.is_met is not False:
        return credit
    needed, share = terms.earn_back
    later = [m for m in own if m.period > month.period and m.is_met is not None][:needed]
    if not all(m.exceeds for m in later):
        state, period, back = "lost", None, Decimal(0)
    elif len(later) < needed:
        state, period, back = "open", None, Decimal(0)
    else:
        back = rounded(Fraction(credit.owed) * share, terms)
        state, period = "earned_back", later[-1].period if back else None
    fields = {**credit.__dict__, "earn_back": state, "earned_back_period": period, "earned_back": back}
    return Credit(**fields)


def flagged_months(months: Sequence[Month], found: Sequence[Credit]) -> dict[date, int]:
    """T1d: month → in how many of the last judged months credits reached the share of fees; only where it is asked for.

    A month in which no goal with bands can be judged is none of them; a flag stands on a month that reaches the share.
    """
    amounts: dict[date, Decimal] = defaultdict(Decimal)
    rejected = {(m.goal_id, m.period) for m in months if m.is_rejected}
    judged: dict[date, Terms] = {}
    why = {(c.goal_id, c.period): c.why for c in found}
    for month in months:
        if month.goal_id in month.terms.bands and why[month.goal_id, month.period] != "indeterminate":
            judged[month.period] = month.terms
    for credit in found:
        if (credit.goal_id, credit.period) not in rejected:
            amounts[credit.period] += credit.amount
    over = {
        period
        for period, terms in judged.items()
        if terms.flag and terms.fee(period) and Fraction(amounts[period]) >= Fraction(terms.fee(period)) * terms.flag[0]
    }
    flags = {}
    ordered = sorted(judged)
    for index, period in enumerate(ordered):
        flag = judged[period].flag
        if flag and period in over:
            count = sum(p in over for p in ordered[max(0, index + 1 - flag[2]) : index + 1])
            if count >= flag[1]:
                flags[period] = count
    return flags
