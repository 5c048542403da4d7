"""The figures that Zendesk itself keeps of a ticket.

After its documentation ("About native Support time duration metrics", "Ticket metric event types", "Calculating first
reply time"); what is assumed stands in docs/sources/zendesk.md. Written from the vendor's rules alone, it shares no
code with the project's: they differ on purpose. Zendesk knows agents and end users, no bots; its native durations begin
when the ticket is created, whoever created it; solving a ticket fulfils whatever is still open; a merge closes and so
solves. Instants and durations are whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sandbox.company.hours import Hours
from sandbox.company.world import Step, Ticket

RUNS_IN = {
    "agent_work_time": ("new", "open"),
    "requester_wait_time": ("new", "open", "hold"),
    "resolution_time": ("new", "open", "pending", "hold"),
}
"""Statuses in which the clock of a metric runs."""

UNSOLVED = ("new", "open", "pending", "hold")
IsAgent = Callable[[int, int], bool]
"""Whether a person (id) was an agent at an instant."""


@dataclass(slots=True)
class Instance:
    """One run of a metric: marks are (instant, `activate` | `pause` | `fulfill`), in order."""

    metric: str
    number: int
    marks: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Whether its clock runs after the last mark."""
        return bool(self.marks) and self.marks[-1][1] == "activate"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for what fulfils it."""
        return bool(self.marks) and self.marks[-1][1] != "fulfill"

    def mark(self, at: int, kind: str) -> None:
        """Note a mark, unless it changes nothing."""
        if (kind == "activate" and self.is_running) or (kind == "pause" and not self.is_running):
            return
        if kind == "fulfill" and not self.is_open:
            return
        self.marks.append((at, kind))

    def stretches(self, until: int) -> Iterator[tuple[int, int]]:
        """Stretches in which its clock runs, up to `until`."""
        began: int | None = None
        for at, kind in [*self.marks, (until, "end")]:
            if at > until:
                at = until
            if began is not None and kind != "activate":
                yield began, at
                began = None
            elif began is None and kind == "activate":
                began = at

    def seconds(self, until: int, hours: Hours | None) -> int:
        """Time on its clock at `until`: calendar, or within `hours`."""
        return sum(length(start, end, hours) for start, end in self.stretches(until))


def length(start: int, end: int, hours: Hours | None) -> int:
    """Seconds in [start, end): all, or those within `hours`."""
    return end - start if hours is None else hours.elapsed(start, end)


@dataclass(slots=True)
class TicketFigures:
    """What one pass over a ticket's history finds. Status stretches are those that have ended: the native durations are
    written down when a status changes, not counted live."""

    instances: list[Instance] = field(default_factory=list)
    status_stretches: list[tuple[str, int, int]] = field(default_factory=list)
    first_reply_at: int | None = None
    first_solved_at: int | None = None
    last_solved_at: int | None = None
    status_changed_at: int = 0
    latest_comment_at: int = 0
    requester_updated_at: int = 0
    assignee_updated_at: int | None = None
    first_assigned_at: int | None = None
    last_assigned_at: int | None = None
    assignee_stations: int = 0
    group_stations: int = 0
    reopens: int = 0
    replies: int = 0

    def status_seconds(self, statuses: tuple[str, ...], hours: Hours | None) -> int | None:
        """Time spent in `statuses`; None before any status has ended."""
        if not self.status_stretches:
            return None
        return sum(length(start, end, hours) for name, start, end in self.status_stretches if name in statuses)


def figures_of(ticket: Ticket, is_agent: IsAgent) -> TicketFigures:
    """Read a ticket's history once."""
    return _Reading(ticket, is_agent).figures


class _Reading:
    """Goes through a ticket's steps; inside one step the comment comes before the change of status."""

    def __init__(self, ticket: Ticket, is_agent: IsAgent) -> None:
        self.ticket = ticket
        self.is_agent = is_agent
        self.figures = TicketFigures()
        self.status = ""
        self.status_since = ticket.created_at
        self.by_status = {metric: Instance(metric, 1) for metric in RUNS_IN}
        self.open: dict[str, Instance] = {}
        self.counts: dict[str, int] = {}
        self.assignee: int | None = None
        for step in ticket.steps:
            if any(change.name == "status" and change.value == "deleted" for change in step.changes):
                break
            self._step(step)
        self.figures.instances += [found for found in self.by_status.values() if found.marks]

    def _step(self, step: Step) -> None:
        replies = self._comment(step)
        self._people(step)
        for change in step.changes:
            if change.name == "status":
                self._status(step.at, change.value)
        if replies and self.status in UNSOLVED:
            for metric in ("periodic_update_time", "pausable_update_time"):
                self._begin(metric, step.at)
            if self.status == "pending":
                self.open["pausable_update_time"].mark(step.at, "pause")

    def _comment(self, step: Step) -> bool:
        """What a public comment begins and fulfils; whether it is an agent's."""
        comment, found = step.comment, self.figures
        if comment is None:
            return False
        found.latest_comment_at = step.at
        if not comment.is_public:
            return False
        by_requester = comment.author_id == self.ticket.requester_id
        if by_requester or not self.is_agent(comment.author_id, step.at):
            if "reply_time" not in self.open:
                self._begin("reply_time", step.at)
            return False
        for metric in ("reply_time", "periodic_update_time", "pausable_update_time"):
            self._fulfil(metric, step.at)
        # The comment with which an agent opens a ticket is no reply: the next one is.
        if not step.is_creation:
            found.replies += 1
            found.first_reply_at = step.at if found.first_reply_at is None else found.first_reply_at
        return True

    def _people(self, step: Step) -> None:
        found = self.figures
        if step.actor_id == self.ticket.requester_id:
            found.requester_updated_at = step.at
        for change in step.changes:
            if change.value is None:
                continue
            if change.name == "assignee_id":
                found.assignee_stations += 1
                found.first_assigned_at = step.at if found.first_assigned_at is None else found.first_assigned_at
                found.last_assigned_at = step.at
                self.assignee = change.value
            elif change.name == "group_id":
                found.group_stations += 1
        if self.assignee is not None and step.actor_id == self.assignee:
            found.assignee_updated_at = step.at

    def _status(self, at: int, status: str) -> None:
        found, before = self.figures, self.status
        if before:
            found.status_stretches.append((before, self.status_since, at))
        self.status, self.status_since, found.status_changed_at = status, at, at
        is_solved = status in ("solved", "closed")
        for metric, instance in self.by_status.items():
            if status in RUNS_IN[metric]:
                instance.mark(at, "activate")
            elif is_solved:
                instance.mark(at, "fulfill")
            else:
                instance.mark(at, "pause")
        if is_solved and before not in ("solved", "closed"):
            found.first_solved_at = at if found.first_solved_at is None else found.first_solved_at
            found.last_solved_at = at
            for metric in list(self.open):
                self._fulfil(metric, at)
        elif not is_solved and before in ("solved", "closed"):
            found.reopens += 1
        pausable = self.open.get("pausable_update_time")
        if pausable is not None:
            pausable.mark(at, "pause" if status == "pending" else "activate")

    def _begin(self, metric: str, at: int) -> None:
        number = self.counts[metric] = self.counts.get(metric, 0) + 1
        self.open[metric] = Instance(metric, number, [(at, "activate")])
        self.figures.instances.append(self.open[metric])

    def _fulfil(self, metric: str, at: int) -> None:
        instance = self.open.pop(metric, None)
        if instance is not None:
            instance.mark(at, "fulfill")
