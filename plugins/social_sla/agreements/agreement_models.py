"""One version of an agreement as its YAML document states it, before inheritance."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from social_sla.agreements.channel_models import Part
from social_sla.agreements.credit_models import CreditFlag, Credits
from social_sla.agreements.statement_models import Statement, ToleranceRule
from social_sla.agreements.values import Count, Date, DurationValue, Flag, Id, Month, Rate, Team, Text, Zone, word_of
from social_sla.agreements.vocabulary import (
    DEFAULT_TARGET,
    PRIORITIES,
    Basis,
    FlagScope,
    Kind,
    Level,
    Metric,
    PauseStatus,
    Responder,
    Subject,
)

MetricWord = Annotated[Metric, BeforeValidator(word_of(Metric, "metric"))]
BasisWord = Annotated[Basis, BeforeValidator(word_of(Basis, "basis"))]
SubjectWord = Annotated[Subject, BeforeValidator(word_of(Subject, "subject"))]
ResponderWord = Annotated[Responder, BeforeValidator(word_of(Responder, "responder"))]
PauseStatusWord = Annotated[PauseStatus, BeforeValidator(word_of(PauseStatus, "pause status"))]
FlagScopeWord = Annotated[FlagScope, BeforeValidator(word_of(FlagScope, "flag scope"))]


class Party(Part):
    """Somebody who promises, receives or delivers under the agreement; each has to approve every version (T1e)."""

    party_id: Id
    name: Text
    role: Annotated[Text, Field(description="provider, customer, vendor, sponsor …")]
    obligations: Annotated[tuple[Text, ...], Field(description="What this party does, in plain words.")] = ()


class Approval(Part):
    """A party's approval of this version."""

    party: Annotated[Id, Field(description="A party_id of this agreement.")]
    by: Annotated[Text, Field(description="Who approved: the office, or the name.")]
    date: Date
    revoked: Annotated[Date | None, Field(description="First date on which it no longer stands.")] = None
    expires: Annotated[Date | None, Field(description="Last date on which it stands.")] = None


class Goal(Part):
    """One measurable line. What a child's goal of the same goal_id does not state is its parent's."""

    goal_id: Id
    title: Text | None = None
    metric: MetricWord | None = None
    target: Annotated[DurationValue | None, Field(description="One target for every priority.")] = None
    targets: Annotated[
        dict[str, DurationValue] | None,
        Field(
            min_length=1,
            description="A target for each priority, and `default` for what has none.",
            json_schema_extra={"propertyNames": {"enum": [*PRIORITIES, DEFAULT_TARGET]}},
        ),
    ] = None
    basis: BasisWord | None = None
    goal_rate: Annotated[Rate | None, Field(description="The share to be met: 0.90 or 90 %.")] = None
    subject: Annotated[
        SubjectWord | None, Field(description="On whom the goal is; default customer, for ownership_time team.")
    ] = None
    responder: Annotated[
        ResponderWord | None, Field(description="Whose answer stops a response or an update; default human.")
    ] = None
    pause_statuses: Annotated[
        tuple[PauseStatusWord, ...] | None,
        Field(description="Statuses in which the clock stands still; default none."),
    ] = None
    priorities: Annotated[
        tuple[Text, ...] | None, Field(description="Only conversations of these priorities; default all.")
    ] = None
    teams: Annotated[
        tuple[Team, ...] | None,
        Field(
            min_length=1,
            description="Only the time that these teams have a conversation, source:account:id each; default all. "
            "For ownership_time alone.",
        ),
    ] = None
    hours: Annotated[Id | None, Field(description="A schedule_id, if not the agreement's hours.")] = None
    from_date: Annotated[Date | None, Field(description="First date of the goal, if not the version's.")] = None
    to_date: Annotated[Date | None, Field(description="Last date of the goal, if not the version's.")] = None


class MissedOf(Part):
    """A goal that is missed in `periods` of the last `of_periods` asks for a review, in a row or not (T1b)."""

    periods: Count
    of_periods: Count


class Review(Part):
    """When a missed goal raises a termination-review flag (T1 to T3)."""

    consecutive_periods: Annotated[Count | None, Field(description="Missed months in a row; default 3.")] = None
    flag_scope: FlagScopeWord | None = None
    minimum_sample: Annotated[Count | None, Field(description="Fewer decided clocks say nothing; default 10.")] = None
    raises_flags: Annotated[Flag | None, Field(description="Default true; false for an ssla.")] = None
    missed_of: MissedOf | None = None
    severity_floor: Annotated[
        Rate | None, Field(description="A month's attainment below it asks for a review at once (T1c).")
    ] = None
    credit_flag: CreditFlag | None = None
    approvers: Annotated[
        tuple[Text, ...] | None,
        Field(
            min_length=1, description="Airflow users who decide on flags (T4); default everybody who may in Airflow."
        ),
    ] = None
    decision_days: Annotated[Count | None, Field(description="Days to decide on a flag; default 14.")] = None


class Waiver(Part):
    """A month that does not count, with who decided so and why (T3)."""

    goal: Annotated[Id | None, Field(description="A goal_id; every goal if it is not given.")] = None
    period: Month
    by: Text
    reason: Text


class Agreement(Part):
    """One version of an agreement: a promise of who serves whom, on which channels, with which goals."""

    agreement_id: Id
    version: Count
    title: Text
    kind: Annotated[Kind, BeforeValidator(word_of(Kind, "kind"))]
    level: Annotated[Level, BeforeValidator(word_of(Level, "level"))]
    parent: Annotated[Id | None, Field(description="agreement_id of the higher level whose terms are inherited.")] = (
        None
    )
    overview: Annotated[Text | None, Field(description="What is agreed, in plain words.")] = None
    provider: Text | None = None
    customer: Text | None = None
    timezone: Annotated[Zone | None, Field(description="Zone of the dates and of the months.")] = None
    valid_from: Annotated[Date, Field(description="First local date on which this version is in force.")]
    valid_to: Annotated[Date | None, Field(description="Last local date on which it is in force.")] = None
    change_reason: Annotated[Text | None, Field(description="Why this version came to be.")] = None
    parties: Annotated[tuple[Party, ...] | None, Field(min_length=1)] = None
    approvals: tuple[Approval, ...] = ()
    channels: Annotated[tuple[Id, ...] | None, Field(description="channel_ids that the agreement covers.")] = None
    hours: Annotated[Id | None, Field(description="schedule_id of the hours in which business clocks run.")] = None
    goals: tuple[Goal, ...] = ()
    without_goals: Annotated[tuple[Id, ...], Field(description="goal_ids of the parent that do not apply here.")] = ()
    review: Review | None = None
    credits: Annotated[Credits | None, Field(description="What a missed month gives back (C1 to C5).")] = None
    measures_people: Annotated[Flag | None, Field(description="Whether people may be measured one by one (P4).")] = None
    statement: Annotated[Statement | None, Field(description="What the public is told (docs/public-statement.md).")] = (
        None
    )
    tolerance: Annotated[
        tuple[ToleranceRule, ...] | None, Field(min_length=1, description="What the channels do not tolerate (D8).")
    ] = None
    waivers: tuple[Waiver, ...] = ()

    @property
    def agreement_key(self) -> str:
        return f"{self.agreement_id}.v{self.version}"
