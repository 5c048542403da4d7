"""Which promise the public has on each channel, and when (M13): the goal whose time the statement names, in its hours.

An agreement that states a `statement` speaks for its channels; where none does, an `ssla` speaks by itself, for it is
the public promise. A channel has one promise at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from social_sla.agreements.config import Config, EffectiveAgreement, EffectiveGoal
from social_sla.agreements.in_force import Span, date_span
from social_sla.agreements.values import Duration, DurationUnit
from social_sla.agreements.vocabulary import Kind, Metric, Subject

_RANK_SECONDS = {DurationUnit.BUSINESS_DAYS: 86_400}
"""To compare a business day with hours: no statement names the shorter of two times."""


@dataclass(frozen=True)
class Promise:
    """What is promised on a channel in [from_at, to_at): the time that the statement names, and in which hours."""

    channel_id: str
    agreement: EffectiveAgreement
    goal: EffectiveGoal
    span: Span

    @property
    def target(self) -> Duration:
        """The slowest of the goal's targets: the one that holds for everybody."""
        return slowest(self.goal)

    @property
    def schedule_id(self) -> str | None:
        """The hours that the statement names; None: every second."""
        return self.goal.schedule_id or self.agreement.schedule_id


def length_of(target: Duration) -> int:
    """A target's length in seconds, a business day as long as a calendar day: only to put targets in order."""
    return target.seconds if target.seconds is not None else target.value * _RANK_SECONDS[target.unit]


def slowest(goal: EffectiveGoal) -> Duration:
    """The target that holds for every priority."""
    return max(goal.targets.values(), key=length_of)


def fastest(goal: EffectiveGoal) -> Duration:
    """The target of the most urgent priority."""
    return min(goal.targets.values(), key=length_of)


def promised_goal(agreement: EffectiveAgreement) -> EffectiveGoal | None:
    """The goal whose time a statement names: the one it says, else the customer's first response, else a team's."""
    statement = agreement.stated.statement
    named = agreement.statement_value("goal") if statement else None
    if named is not None:
        return next((goal for goal in agreement.goals if goal.goal_id == named), None)
    found = [goal for goal in agreement.goals if goal.metric is Metric.FIRST_RESPONSE]
    return min(
        found,
        key=lambda goal: (goal.subject is not Subject.CUSTOMER, goal.priorities is not None, goal.goal_id),
        default=None,
    )


def promises(config: Config) -> list[Promise]:
    """Every channel's promises, disjoint in time, by channel and beginning."""
    result: list[Promise] = []
    for channel in config.channels:
        taken: list[Span] = []
        for agreement, span in _speakers(config, channel.channel_id):
            goal = promised_goal(agreement)
            if goal is None:
                continue
            left = _common(span, date_span(agreement.timezone, goal.from_date, goal.to_date))
            for other in taken:
                left = [piece for item in left for piece in item.minus(other)]
            result += [Promise(channel.channel_id, agreement, goal, piece) for piece in left]
            taken += left
    return sorted(result, key=lambda item: (item.channel_id, item.span.from_at))


def _speakers(config: Config, channel_id: str) -> Iterable[tuple[EffectiveAgreement, Span]]:
    """The versions that speak for a channel, with the spans in which they are in force, who says so itself first."""
    found = [
        (item, span)
        for agreement_id in sorted({agreement.agreement_id for agreement in config.agreements})
        for item, span in config.in_force(agreement_id)
        if channel_id in item.channels and (item.stated.statement is not None or item.stated.kind is Kind.SSLA)
    ]
    return sorted(found, key=lambda pair: (pair[0].stated.statement is None, pair[0].agreement_id, pair[1].from_at))


def _common(first: Span, second: Span) -> list[Span]:
    ends = [end for end in (first.to_at, second.to_at) if end is not None]
    begins, ends_at = max(first.from_at, second.from_at), min(ends) if ends else None
    return [Span(begins, ends_at)] if ends_at is None or begins < ends_at else []
