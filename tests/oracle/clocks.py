"""Every clock of every goal over a world (D1–D19, M1–M3, R1–R3). Entry point: `all_clocks`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from tests.oracle.hours import Hours, first_reaching
from tests.oracle.model import EXCLUSION_ORDER, RESPONSE_METRICS, AgreementVersion, Goal, World
from tests.oracle.terms import Retargeting, promise_at, retarget
from tests.oracle.timeline import Stretch, cycles, own_statuses, resolution, turns

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

    @property
    def elapsed_seconds(self) -> int:
        """Elapsed by the goal's own basis."""
        return self.elapsed_calendar_seconds if self.basis == "calendar" else self.elapsed_business_seconds


@dataclass(frozen=True)
class Measure:
    """What the clock of one start and stop shows at one `as_of`."""

    targets: Retargeting | None
    due_at: int | None
    calendar: int
    business: int
    paused: int
    outcome: str  # met, missed, running, paused, or no_target


def hours_of(world: World, goal: Goal) -> Hours | None:
    """The goal's business clock; None: no hours named, every second is open. One object a schedule and world."""
    if goal.schedule_id is None:
        return None
    cache = world.__dict__.setdefault("_hours", {})
    if goal.schedule_id not in cache:
        cache[goal.schedule_id] = Hours(world.schedules[goal.schedule_id])
    return cache[goal.schedule_id]


def pauses(world: World, conversation_id: str, goal: Goal, begin: int, end: int) -> list[tuple[int, int]]:
    """Stretches of [begin, end) in which the status is one of the goal's pause statuses (D17)."""
    changes = own_statuses(world, conversation_id)
    found = []
    for index, change in enumerate(changes):
        until = changes[index + 1].at if index + 1 < len(changes) else end
        low, high = max(change.at, begin), min(until, end)
        if change.to_status in goal.pause_statuses and low < high:
            found.append((low, high))
    return found


def is_paused_at(world: World, conversation_id: str, goal: Goal, at: int) -> bool:
    """Whether the status at second `at` is a pause status (a change in that second is in force)."""
    before = [c.to_status for c in own_statuses(world, conversation_id) if c.at <= at]
    return bool(before) and before[-1] in goal.pause_statuses


def measure(world: World, conversation_id: str, goal: Goal, start: int, stop: int | None, as_of: int) -> Measure:
    """Elapsed, targets, due and outcome of a clock, as seen at `as_of` (D1, D2, D6, D17, D19)."""
    hours = hours_of(world, goal)
    end = max(start, as_of if stop is None else stop)
    breaks = pauses(world, conversation_id, goal, start, end)

    def calendar(until: int) -> int:
        return until - start - sum(max(0, min(high, until) - low) for low, high in breaks)

    def business(until: int) -> int:
        if hours is None:
            return calendar(until)
        inside = sum(hours.open_seconds(low, min(high, until)) for low, high in breaks)
        return hours.open_seconds(start, until) - inside

    elapsed = calendar if goal.basis == "calendar" else business
    known = [c for c in world.priorities_of.get(conversation_id, []) if c.at <= as_of]
    targets = retarget(goal, known, hours, start, stop, elapsed)
    paused = sum(high - low for low, high in breaks)
    numbers = {"calendar": calendar(end), "business": business(end), "paused": paused}
    if targets is None:
        return Measure(None, None, outcome="no_target", **numbers)
    waits = stop is None and is_paused_at(world, conversation_id, goal, as_of)
    outcome = _outcome(elapsed(end), targets.at_end, stop is not None, waits)
    due_at = None
    if not waits or elapsed(end) >= targets.at_end:
        due_at = _due(elapsed, start, targets)
    return Measure(targets, due_at, outcome=outcome, **numbers)


def _outcome(elapsed: int, target: int, is_stopped: bool, is_waiting: bool) -> str:
    if elapsed > target:
        return "missed"
    if is_stopped:
        return "met"
    return "paused" if is_waiting else "running"


def _due(elapsed: Callable[[int], int], start: int, targets: Retargeting) -> int:
    """D2, and D19: the later of start + new target and the change itself."""
    due_at = first_reaching(elapsed, start, targets.at_end)
    return due_at if targets.set_at is None else max(due_at, targets.set_at)


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
        shapes: dict[str, dict[tuple[str, str, str], list[AgreementVersion]]] = {}
        for version in world.versions_of(agreement_id):
            for goal in version.goals:
                shapes.setdefault(goal.goal_id, {}).setdefault(goal.shape, []).append(version)
        for goal_id, by_shape in sorted(shapes.items()):
            for number, versions in enumerate(by_shape.values()):
                found.append(_Line(agreement_id, goal_id, tuple(versions), number == 0))
    return found


def stretches(world: World, conversation_id: str, goal: Goal) -> list[tuple[int, Stretch]]:
    """(number, stretch) of one conversation for the goal's metric."""
    if goal.metric in RESPONSE_METRICS:
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


def _leaves(world: World, line: _Line, conversation_id: str, stretch: Stretch, start: int, deleted_at: int) -> bool:
    """D16: whether a message deleted at that second leaves a clock that it had started: still open, not past due."""
    if stretch.first_stop_at is not None and deleted_at >= stretch.first_stop_at:
        return False
    if stretch.merged_at is not None and deleted_at > stretch.merged_at:
        return False
    channel_id = world.conversations[conversation_id].channel_id
    promise = promise_at(world, line.agreement_id, line.goal_id, channel_id, start)
    if promise is None:
        return True
    return measure(world, conversation_id, promise[1], start, None, deleted_at).outcome != "missed"


def _clock(
    world: World, readings: Readings, line: _Line, conversation_id: str, number: int, stretch: Stretch
) -> Clock | None:
    leaves = partial(_leaves, world, line, conversation_id, stretch)
    reasons = _conversation_reasons(world, conversation_id)
    opener = stretch.arrivals[0] if stretch.arrivals else None
    for arrival in stretch.arrivals:
        deleted_at = arrival.message.deleted_at
        if deleted_at is None or deleted_at > world.as_of or not leaves(arrival.at, deleted_at):
            opener = arrival
            break
    else:
        reasons += ["deleted"] if stretch.arrivals else []
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
        message_id=opener.message.message_id if opener else None,
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
