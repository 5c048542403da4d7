"""Service credits as an agreement's YAML document states them, and what people decided about them (C1 to C5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from social_sla.agreements.channel_models import Part
from social_sla.agreements.money import Amount, Currency, Multiplier, RoundingWord
from social_sla.agreements.values import Count, Date, Id, Month, Rate, Text, word_of


class Fee(Part):
    """What a month costs, from a month on until the next line's."""

    from_period: Annotated[Month, Field(description="First month with this fee.")]
    amount: Annotated[Amount, Field(description="The fee of one month.")]


class Band(Part):
    """Results under `below`, down to the next lower band's `below`: a half-open band (C1)."""

    below: Annotated[Rate, Field(description="The result from which on the band no longer applies.")]
    credit: Annotated[Rate, Field(description="The share of the month's fee.")]


class Repeat(Part):
    """Credits grow where a goal is missed month after month (C2)."""

    consecutive_periods: Annotated[Count, Field(description="From this missed month in a row on; 2 or more.")]
    multiplier: Multiplier


class EarnBack(Part):
    """A credit goes back to the provider when the months after it are better than the goal (C2)."""

    periods: Annotated[Count, Field(description="So many months in a row have to exceed the goal.")]
    share: Annotated[Rate | None, Field(description="The share of the credit that goes back; default all.")] = None


class CreditExclusion(Part):
    """A missed month that gives no credit, with who decided so, why, and what shows it."""

    goal: Annotated[Id | None, Field(description="A goal_id; every goal if it is not given.")] = None
    period: Month
    by: Text
    reason: Text
    evidence: Annotated[Text, Field(description="What shows it: a document, a ticket, a notice.")]


class Credits(Part):
    """What the customer gets back for a missed month. Each line but `exclusions` is inherited on its own."""

    currency: Currency | None = None
    rounding: Annotated[RoundingWord | None, Field(description="To the currency's smallest unit; default half_up.")] = (
        None
    )
    fees: Annotated[tuple[Fee, ...] | None, Field(min_length=1, description="The fee of a month, in order.")] = None
    bands: Annotated[
        dict[Id, Annotated[tuple[Band, ...], Field(min_length=1)]] | None,
        Field(min_length=1, description="The bands of each goal_id that gives credits."),
    ] = None
    precedence: Annotated[
        tuple[Id, ...] | None,
        Field(description="The goals with bands, first the one that an incident counts under (C3)."),
    ] = None
    goal_cap: Annotated[Rate | None, Field(description="The most that one goal gives in a month, of the fee.")] = None
    cap: Annotated[Rate | None, Field(description="The most that all goals give in a month, of the fee.")] = None
    repeat: Repeat | None = None
    earn_back: EarnBack | None = None
    exclusions: tuple[CreditExclusion, ...] = ()


class CreditFlag(Part):
    """Credits that ask for a review: at least `fee_share` of the fee in `periods` of the last `of_periods` (T1d)."""

    fee_share: Rate
    periods: Count
    of_periods: Count


class CreditDecisionWord(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLIED = "applied"


class CreditDecision(Part):
    """What people decided about one proposed credit (C5)."""

    agreement: Annotated[Id, Field(description="An agreement_id.")]
    goal: Annotated[Id, Field(description="A goal_id of it.")]
    period: Month
    decision: Annotated[CreditDecisionWord, BeforeValidator(word_of(CreditDecisionWord, "decision"))]
    amount: Annotated[Amount | None, Field(description="What is approved, in the agreement's currency.")] = None
    by: Annotated[Text, Field(description="Who decided: the office, or the name.")]
    date: Date
    reason: Text
    reference: Annotated[Text | None, Field(description="The credit note or the invoice that it stands on.")] = None


class CreditDecisionsFile(Part):
    """config/credit_decisions.yaml."""

    decisions: tuple[CreditDecision, ...]
