"""Every clock of every goal over a world (D1–D19, M1–M5, R1–R3). Entry point: `all_clocks`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.oracle.measuring import Measure, measure
from tests.oracle.model import (
    EXCLUSION_ORDER,
    FURTHER_METRICS,
    RESPONSE_METRICS,
    UPDATE_METRICS,
    AgreementVersion,
    Goal,
    World,
)
from tests.oracle.ownership import holdings, holds_at
from tests.oracle.terms import promise_at
from tests.oracle.timeline import Arrival, Stretch, cycles, resolution, turns
from tests.oracle.updates import gaps

#: How a first-response clock without a response ends when its conversation was closed; see READINGS.md, reading 1.
RUNS_ON = "runs_on"
DECIDED_AT_CLOSING = "decided_at_closing"
EXCLUDED_UNTIL_DUE = "excluded_until_due"


@dataclass(frozen=True)
class Readings:
    """Sentences of the definitions that can be read in two ways. The defaults are the oracle's."""

    first_response_closed: str = RUNS_ON


@dataclass(frozen=True)
class Clock:
    """One run of one goal, with the columns of the clock mart that the definitions fix."""

    agreement_id: str
    goal_id: str
    metric: str
    subject: str
    basis: str
    conversation_id: str
    channel_id: str
    version: int | None
    cycle_number: int
    message_id: str | None
    started_by: str
    started_at: int
    stopped_at: int | None
    stop_reason: str | None
    response_message_id: str | None
    is_clock_skewed: bool
    priority_at_start: str | None
    priority_at_decision: str | None
    target_seconds_at_start: int | None
    target_seconds: int | None
    due_at: int | None
    elapsed_calendar_seconds: int
    elapsed_business_seconds: int
    paused_seconds: int
    outcome: str
    excluded_reason: str | None
    decided_at: int | None
    covered_message_ids: tuple[str, ...]
    team_id: str | None
    team_member_id: str | None  # only where the agreement measures people (P4)

    @property
    def elapsed_seconds(self) -> int:
        """Elapsed by the goal's own basis."""
        return self.elapsed_calendar_seconds if self.basis == "calendar" else self.elapsed_business_seconds


@dataclass(frozen=True)
class _Line:
    """A goal over its agreement's versions, as far as where its clocks start and stop does not change."""

    agreement_id: str
    goal_id: str
    versions: tuple[AgreementVersion, ...]  # those that state the goal in this shape
    is_first_shape: bool

    @property
    def any_goal(self) -> Goal:
        goal = self.versions[0].goal(self.goal_id)
        assert goal is not None
        return goal


def lines(world: World) -> list[_Line]:
    """Every goal line of every agreement."""
    found = []
    for agreement_id in sorted({v.agreement_id for v in world.agreements}):
        shapes: dict[str, dict[tuple, list[AgreementVersion]]] = {}
        for version in world.versions_of(agreement_id):
            for goal in version.goals:
                shapes.setdefault(goal.goal_id, {}).setdefault(goal.shape, []).append(version)
        for goal_id, by_shape in sorted(shapes.items()):
            for number, versions in enumerate(by_shape.values()):
                found.append(_Line(agreement_id, goal_id, tuple(versions), number == 0))
    return found


def stretches(world: World, conversation_id: str, goal: Goal) -> list[tuple[int, Stretch]]:
    """(number, stretch) of one conversation for the goal's metric."""
    if goal.metric in FURTHER_METRICS and not world.conversations[conversation_id].has_status:
        return []
    if goal.metric == "ownership_time":
        held = enumerate(holdings(world, conversation_id, goal.subject), start=1)
        return [(n, holding) for n, holding in held if goal.teams is None or holding.team_id in goal.teams]
    if goal.metric in UPDATE_METRICS:
        found = gaps(world, conversation_id, goal.subject, goal.responder)
    elif goal.metric in RESPONSE_METRICS:
        kind = goal.metric.removesuffix("_response")
        found = [t for t in turns(world, conversation_id, goal.subject, goal.responder) if t.kind == kind]
    elif goal.metric == "resolution_cycle":
        found = cycles(world, conversation_id, goal.subject)
    else:
        found = resolution(world, conversation_id, goal.subject, goal.metric)
    return list(enumerate(found, start=1))


def all_clocks(world: World, readings: Readings | None = None) -> list[Clock]:
    """Every clock row of the world, excluded ones included, in a fixed order."""
    readings = readings or Readings()
    found = []
    for line in lines(world):
        channels = frozenset().union(*(v.channels for v in line.versions))
        for conversation_id, conversation in sorted(world.conversations.items()):
            if conversation.channel_id not in channels:
                continue
            for number, stretch in stretches(world, conversation_id, line.any_goal):
                clock = _clock(world, readings, line, conversation_id, number, stretch)
                if clock is not None:
                    found.append(clock)
    return found


def _leaves(world: World, line: _Line, conversation_id: str, stretch: Stretch, arrival: Arrival) -> bool:
    """D16: whether a deleted message leaves the clock that it had started: still open then, and not past due."""
    deleted_at = arrival.message.deleted_at
    if deleted_at is None or deleted_at > world.as_of:
        return False
    if stretch.first_stop_at is not None and deleted_at >= stretch.first_stop_at:
        return False
    if stretch.merged_at is not None and deleted_at > stretch.merged_at:
        return False
    channel_id = world.conversations[conversation_id].channel_id
    promise = promise_at(world, line.agreement_id, line.goal_id, channel_id, arrival.at)
    if promise is None:
        return True
    return measure(world, conversation_id, promise[1], arrival.at, None, deleted_at).outcome != "missed"


def _clock(
    world: World, readings: Readings, line: _Line, conversation_id: str, number: int, stretch: Stretch
) -> Clock | None:
    reasons = _conversation_reasons(world, conversation_id)
    stays = (a for a in stretch.arrivals if not _leaves(world, line, conversation_id, stretch, a))
    opener = next(stays, None)
    if opener is None and stretch.arrivals:
        # None left: the row is that of the message which would have started it.
        opener = stretch.arrivals[0]
        reasons.append("deleted")
    start = opener.at if opener else stretch.opened_at
    if stretch.merged_at is not None:
        reasons.append("merged")

    channel_id = world.conversations[conversation_id].channel_id
    promise = promise_at(world, line.agreement_id, line.goal_id, channel_id, start)
    if promise is None:
        if not line.is_first_shape:
            return None
        reasons.append("no_agreement")
        version, goal = None, replace(line.any_goal, pause_statuses=frozenset())
    else:
        version, goal = promise
        if goal.shape != line.any_goal.shape:
            return None

    # D14: a stop before its start is put at the start, and marked.
    stopped_at = None if stretch.stopped_at is None else max(stretch.stopped_at, start)
    shown = measure(world, conversation_id, goal, start, stopped_at, world.as_of)
    if shown.targets is None:
        reasons.append("no_target")
    elif _is_closed_without_reply(world, readings, conversation_id, goal, start, stretch, shown):
        reasons.append("closed_without_reply")
    reason = min(reasons, key=EXCLUSION_ORDER.index, default=None)
    outcome = "excluded" if reason else shown.outcome
    decided_at = None
    if outcome in ("met", "missed"):
        decided_at = min(t for t in (stopped_at, shown.due_at) if t is not None)
    targets = shown.targets if promise else None
    team_id, team_member_id = holds_at(world, conversation_id, start)
    if stretch.kind == "holding":
        team_id, team_member_id = stretch.team_id, stretch.team_member_id
    message = opener.message if opener else stretch.message
    return Clock(
        agreement_id=line.agreement_id,
        goal_id=line.goal_id,
        metric=goal.metric,
        subject=goal.subject,
        basis=goal.basis,
        conversation_id=conversation_id,
        channel_id=channel_id,
        version=version.version if version else None,
        cycle_number=number,
        message_id=message.message_id if message else None,
        started_by=_started_by(stretch, opener is not None and opener.is_moved),
        started_at=start,
        stopped_at=stopped_at,
        stop_reason=stretch.stop_reason or ("merged" if stretch.merged_at is not None else None),
        response_message_id=stretch.response.message_id if stretch.response else None,
        is_clock_skewed=stretch.is_skewed or stopped_at != stretch.stopped_at,
        priority_at_start=targets.priority_at_start if targets else None,
        priority_at_decision=targets.priority_at_end if targets else None,
        target_seconds_at_start=targets.at_start if targets else None,
        target_seconds=targets.at_end if targets else None,
        due_at=shown.due_at if targets else None,
        elapsed_calendar_seconds=shown.calendar,
        elapsed_business_seconds=shown.business,
        paused_seconds=shown.paused,
        outcome=outcome,
        excluded_reason=reason,
        decided_at=decided_at,
        covered_message_ids=tuple(a.message.message_id for a in stretch.arrivals),
        team_id=team_id,
        team_member_id=team_member_id if version and version.measures_people else None,
    )


def _conversation_reasons(world: World, conversation_id: str) -> list[str]:
    conversation = world.conversations[conversation_id]
    reasons = sorted(conversation.flags)
    if conversation.deleted_at is not None and conversation.deleted_at <= world.as_of:
        reasons.append("deleted")
    return reasons


def _is_closed_without_reply(
    world: World, readings: Readings, conversation_id: str, goal: Goal, start: int, stretch: Stretch, shown: Measure
) -> bool:
    if stretch.kind == "next":
        return stretch.stop_reason == "closed_without_reply" and shown.outcome == "met"
    closed_at = next((at for at in stretch.closings if at >= start), None)
    if stretch.kind != "first" or stretch.stopped_at is not None or closed_at is None:
        return False
    if readings.first_response_closed == EXCLUDED_UNTIL_DUE:
        return shown.outcome != "missed"
    if readings.first_response_closed == DECIDED_AT_CLOSING:
        return measure(world, conversation_id, goal, start, closed_at, closed_at).outcome == "met"
    return False


def _started_by(stretch: Stretch, is_moved: bool) -> str:
    if stretch.started_by is not None:
        return stretch.started_by
    if is_moved:
        return "moved_by_merge"
    if not stretch.arrivals:
        return "reopened"
    return "inbound_turn" if stretch.kind == "next" else "first_inbound"


def message_reasons(world: World) -> dict[str, str]:
    """Inbound messages that no clock ever covers, with the reason that stands on the message itself (D8, D9, D15)."""
    found = {}
    for conversation_id, messages in world.messages_of.items():
        merge = world.merge_of.get(conversation_id)
        for message in messages:
            if not message.is_inbound:
                continue
            if message.own_exclusion:
                found[message.message_id] = message.own_exclusion
            elif merge is not None and message.published_at > merge.at:
                found[message.message_id] = "merged"
    return found
