"""A configuration that has been checked from end to end: what the rest of the project reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from social_sla.agreements.agreement_models import Agreement, Approval, MissedOf, Party, Waiver
from social_sla.agreements.calendar_models import Schedule
from social_sla.agreements.channel_models import Channel
from social_sla.agreements.credit_models import CreditDecision, CreditFlag
from social_sla.agreements.credits import EffectiveCredits, effective_credits
from social_sla.agreements.in_force import Span, date_span, in_force
from social_sla.agreements.inheritance import Merged, Term
from social_sla.agreements.statement_models import ToleranceRule
from social_sla.agreements.values import Duration
from social_sla.agreements.vocabulary import Basis, FlagScope, Metric, PauseStatus, Responder, Source, Subject
from social_sla.agreements.yaml_source import Document

STATEMENT_PREFIX = "statement."
"""How the terms of the public statement are called among an agreement's."""


@dataclass(frozen=True)
class EffectiveGoal:
    """A goal of one agreement version after inheritance. Dates are inclusive and within the version's."""

    goal_key: str
    goal_id: str
    title: str
    metric: Metric
    targets: dict[str, Duration]
    basis: Basis
    goal_rate: Decimal
    subject: Subject
    responder: Responder
    pause_statuses: tuple[PauseStatus, ...]
    priorities: tuple[str, ...] | None
    teams: tuple[str, ...] | None
    schedule_id: str | None
    from_date: date
    to_date: date | None
    inherited_from: str | None
    terms: dict[str, Term] = field(repr=False)


@dataclass(frozen=True)
class EffectiveAgreement:
    """One version of an agreement after inheritance."""

    stated: Agreement
    parent_key: str | None
    provider: str
    customer: str
    timezone: str
    parties: tuple[Party, ...]
    channels: tuple[str, ...]
    schedule_id: str | None
    measures_people: bool
    consecutive_periods: int
    flag_scope: FlagScope
    minimum_sample: int
    approvers: tuple[str, ...]
    decision_days: int
    raises_flags: bool
    tolerance: tuple[ToleranceRule, ...]
    missed_of: MissedOf | None
    severity_floor: Decimal | None
    credit_flag: CreditFlag | None
    credits: EffectiveCredits | None
    goals: tuple[EffectiveGoal, ...]
    file_name: str
    file_sha256: str
    terms: dict[str, Term] = field(repr=False)

    @property
    def agreement_key(self) -> str:
        return self.stated.agreement_key

    @property
    def agreement_id(self) -> str:
        return self.stated.agreement_id

    @property
    def version(self) -> int:
        return self.stated.version

    @property
    def approvals(self) -> tuple[Approval, ...]:
        return self.stated.approvals

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        return self.stated.waivers

    @property
    def span(self) -> Span:
        """valid_from and valid_to as instants (D18), before a higher version wins an overlap."""
        return date_span(self.timezone, self.stated.valid_from, self.stated.valid_to)

    def statement_value(self, term: str) -> Any:
        """A term of the public statement, None where nobody states it."""
        found = self.terms.get(f"{STATEMENT_PREFIX}{term}")
        return found.value if found else None

    @property
    def schedule_ids(self) -> tuple[str, ...]:
        """Every schedule that this version's clocks read, in order of name."""
        named = {self.schedule_id, *(goal.schedule_id for goal in self.goals)}
        return tuple(sorted(name for name in named if name is not None))


@dataclass(frozen=True)
class Config:
    """Channels, schedules and agreements, each sorted by id, that fit together."""

    directory: Path
    channels: tuple[Channel, ...]
    schedules: tuple[Schedule, ...]
    agreements: tuple[EffectiveAgreement, ...]
    sha256: str
    calendars_document: Document = field(repr=False, compare=False)
    credit_decisions: tuple[CreditDecision, ...] = ()

    def channel(self, channel_id: str) -> Channel:
        """The channel of that id; KeyError if there is none."""
        return {item.channel_id: item for item in self.channels}[channel_id]

    def schedule(self, schedule_id: str) -> Schedule:
        """The schedule of that id; KeyError if there is none."""
        return {item.schedule_id: item for item in self.schedules}[schedule_id]

    def accounts(self, source: Source | str) -> list[tuple[str, str]]:
        """The (account, connection id) pairs to extract from a source, once each, in order."""
        wanted = Source(source)
        return sorted({(item.account, item.connection_id) for item in self.channels if item.source is wanted})

    def in_force(self, agreement_id: str) -> list[tuple[EffectiveAgreement, Span]]:
        """The versions of an agreement with the disjoint spans in which each is in force (D18)."""
        by_key = {item.agreement_key: item for item in self.agreements if item.agreement_id == agreement_id}
        spans = in_force((item.version, item.agreement_key, item.span) for item in by_key.values())
        return [(by_key[key], span) for key, span in spans]


def effective(merged: Merged) -> EffectiveAgreement:
    """A merged version that has passed every check, with its terms named one by one."""
    stated = merged.stated.agreement
    review = merged.review
    return EffectiveAgreement(
        stated=stated,
        parent_key=merged.parent.key if merged.parent else None,
        provider=merged.value("provider"),
        customer=merged.value("customer"),
        timezone=merged.value("timezone"),
        parties=merged.value("parties"),
        channels=tuple(sorted(merged.value("channels") or ())),
        schedule_id=merged.value("hours"),
        measures_people=merged.value("measures_people"),
        consecutive_periods=review["consecutive_periods"].value,
        flag_scope=review["flag_scope"].value,
        minimum_sample=review["minimum_sample"].value,
        approvers=review["approvers"].value,
        decision_days=review["decision_days"].value,
        raises_flags=review["raises_flags"].value,
        tolerance=merged.value("tolerance") or (),
        missed_of=review["missed_of"].value if "missed_of" in review else None,
        severity_floor=review["severity_floor"].value if "severity_floor" in review else None,
        credit_flag=review["credit_flag"].value if "credit_flag" in review else None,
        credits=effective_credits(merged),
        goals=tuple(_goals(merged)),
        file_name=merged.stated.document.file,
        file_sha256=merged.stated.file_sha256,
        terms={
            **merged.terms,
            **review,
            **{f"credits.{name}": term for name, term in merged.credits.items()},
            **{f"{STATEMENT_PREFIX}{name}": term for name, term in merged.statement.items()},
        },
    )


def _goals(merged: Merged) -> Iterable[EffectiveGoal]:
    for goal_id in sorted(merged.goals):
        dates = goal_dates(merged, goal_id)
        if dates is None:  # an inherited goal that ended before this version began
            continue
        basis = merged.goal_value(goal_id, "basis")
        yield EffectiveGoal(
            goal_key=f"{merged.key}.{goal_id}",
            goal_id=goal_id,
            title=merged.goal_value(goal_id, "title") or goal_id.replace("-", " ").replace("_", " ").capitalize(),
            metric=merged.goal_value(goal_id, "metric"),
            targets=merged.goal_value(goal_id, "targets"),
            basis=basis,
            goal_rate=merged.goal_value(goal_id, "goal_rate"),
            subject=merged.goal_value(goal_id, "subject"),
            responder=merged.goal_value(goal_id, "responder"),
            pause_statuses=merged.goal_value(goal_id, "pause_statuses"),
            priorities=merged.goal_value(goal_id, "priorities"),
            teams=merged.goal_value(goal_id, "teams"),
            schedule_id=goal_schedule(merged, goal_id) if basis is Basis.BUSINESS else None,
            from_date=dates[0],
            to_date=dates[1],
            inherited_from=merged.inherited_from(goal_id),
            terms=merged.goals[goal_id],
        )


def goal_schedule(merged: Merged, goal_id: str) -> str | None:
    """The hours that a business goal runs in: its own, else the agreement's."""
    schedule_id: str | None = merged.goal_value(goal_id, "hours") or merged.value("hours")
    return schedule_id


def goal_dates(merged: Merged, goal_id: str) -> tuple[date, date | None] | None:
    """A goal's dates within its version's; None if they do not meet."""
    version = merged.stated.agreement
    first = max(version.valid_from, merged.goal_value(goal_id, "from_date") or version.valid_from)
    ends = [end for end in (version.valid_to, merged.goal_value(goal_id, "to_date")) if end is not None]
    last = min(ends) if ends else None
    return None if last is not None and last < first else (first, last)
