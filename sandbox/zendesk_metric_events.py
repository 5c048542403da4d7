"""Ticket metrics and ticket metric events of the account, in Zendesk's shapes.

Minutes are whole, cut off; business minutes are those within the account's own schedules (`zendesk_rules`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sandbox import zendesk_rules
from sandbox.company.hours import Hours
from sandbox.company.world import Person, Ticket
from sandbox.zendesk_metrics import Instance, TicketFigures, figures_of, length

FIRST_METRIC_EVENT_ID = 40_000_000_000_001
FIRST_METRIC_SET_ID = 31_000_000_000_000
_ORDER = {"activate": 0, "apply_sla": 1, "pause": 2, "breach": 3, "fulfill": 4, "update_status": 5}


class MetricEvent(NamedTuple):
    """One event; `more` is what only its type has."""

    at: int
    ticket_id: int
    metric: str
    number: int
    order: int
    type: str
    more: tuple[tuple[str, Any], ...] = ()


class MetricBook:
    """The figures of every ticket, and all metric events in the order of the export."""

    def __init__(self, tickets: Sequence[Ticket], people: dict[int, Person], until: int) -> None:
        self.people = people
        self.until = until
        self.tickets = tickets
        self.figures = {ticket.ticket_id: figures_of(ticket, self._is_agent) for ticket in tickets}
        self._events: list[MetricEvent] | None = None

    def _is_agent(self, person_id: int, at: int) -> bool:
        person = self.people.get(person_id)
        if person is None or person.role == "end-user":
            return False
        return person.became_agent_at is None or person.became_agent_at <= at

    @property
    def events(self) -> list[MetricEvent]:
        """All events by time and ticket; made when they are asked for first."""
        if self._events is None:
            self._events = sorted(event for ticket in self.tickets for event in self._of(ticket))
        return self._events

    def _of(self, ticket: Ticket) -> Iterator[MetricEvent]:
        hours = zendesk_rules.hours_of(ticket.channel_id)
        priorities = _priorities(ticket)
        for instance in self.figures[ticket.ticket_id].instances:
            name = (ticket.ticket_id, instance.metric, instance.number)
            for at, kind in instance.marks:
                yield MetricEvent(at, *name, _ORDER[kind], kind)
                if kind == "fulfill":
                    status = {
                        "calendar": instance.seconds(at, None) // 60,
                        "business": instance.seconds(at, hours) // 60,
                    }
                    yield MetricEvent(at, *name, _ORDER["update_status"], "update_status", (("status", status),))
            yield from self._sla(ticket, instance, hours, priorities)

    def _sla(
        self, ticket: Ticket, instance: Instance, hours: Hours, priorities: Sequence[tuple[int, str]]
    ) -> Iterator[MetricEvent]:
        """Targets while the instance is open, by the ticket's priority, and their breaches.

        A new target is breached anew; a longer one takes an earlier breach back.
        """
        name = (ticket.ticket_id, instance.metric, instance.number)
        began = instance.marks[0][0]
        ended = self.until if instance.is_open else instance.marks[-1][0]
        at_start = [(began, priority) for at, priority in priorities if at <= began][-1:]
        applied = [
            (at, sla)
            for at, priority in [*at_start, *((at, name) for at, name in priorities if began < at < ended)]
            if (sla := zendesk_rules.target_of(ticket.channel_id, instance.metric, instance.number, priority))
        ]
        breaches: list[int] = []
        for number, (at, sla) in enumerate(applied):
            yield MetricEvent(at, *name, _ORDER["apply_sla"], "apply_sla", (("sla", sla),))
            used_up_at = _reached(instance, sla, hours, ended)
            until = applied[number + 1][0] if number + 1 < len(applied) else ended
            if used_up_at is not None and max(used_up_at, at) < until:
                breaches.append(max(used_up_at, at))
        if not breaches:
            return
        last_used_up_at = _reached(instance, applied[-1][1], hours, ended)
        for at in breaches:
            is_deleted = last_used_up_at is None or last_used_up_at > at
            yield MetricEvent(at, *name, _ORDER["breach"], "breach", (("deleted", is_deleted),))

    def event_json(self, index: int) -> dict[str, Any]:
        """The event at a place in the order of the export."""
        event = self.events[index]
        return {
            "id": FIRST_METRIC_EVENT_ID + index,
            "ticket_id": event.ticket_id,
            "metric": event.metric,
            "instance_id": event.number,
            "type": event.type,
            "time": zendesk_rules.iso(event.at),
            **dict(event.more),
        }

    def metric_set_json(self, ticket: Ticket, base: str) -> dict[str, Any]:
        """A ticket's metrics: the newest values of its native durations and counts."""
        found = self.figures[ticket.ticket_id]
        hours = zendesk_rules.hours_of(ticket.channel_id)
        created = ticket.created_at
        number = FIRST_METRIC_SET_ID + ticket.ticket_id

        def to(at: int | None) -> dict[str, int | None]:
            if at is None:
                return {"calendar": None, "business": None}
            return {"calendar": length(created, at, None) // 60, "business": length(created, at, hours) // 60}

        def spent(*statuses: str) -> dict[str, int | None]:
            calendar, business = (found.status_seconds(statuses, which) for which in (None, hours))
            return {
                "calendar": None if calendar is None else calendar // 60,
                "business": None if business is None else business // 60,
            }

        reply = None if found.first_reply_at is None else found.first_reply_at - created
        metrics: dict[str, Any] = {
            "url": f"{base}/api/v2/ticket_metrics/{number}.json",
            "id": number,
            "ticket_id": ticket.ticket_id,
            "created_at": zendesk_rules.iso(created),
            "updated_at": zendesk_rules.iso(ticket.updated_at),
            "group_stations": found.group_stations,
            "assignee_stations": found.assignee_stations,
            "reopens": found.reopens,
            "replies": found.replies,
            "reply_time_in_minutes": to(found.first_reply_at),
            "reply_time_in_seconds": {"calendar": reply if ticket.via == "native_messaging" else None},
            "first_resolution_time_in_minutes": to(found.first_solved_at),
            "full_resolution_time_in_minutes": to(found.last_solved_at),
            "requester_wait_time_in_minutes": spent("new", "open", "hold"),
            "agent_wait_time_in_minutes": spent("pending"),
            "on_hold_time_in_minutes": spent("hold"),
        }
        return metrics | {name: None if at is None else zendesk_rules.iso(at) for name, at in _instants(ticket, found)}


def _instants(ticket: Ticket, found: TicketFigures) -> list[tuple[str, int | None]]:
    is_solved = ticket.values["status"] in ("solved", "closed")
    return [
        ("assignee_updated_at", found.assignee_updated_at),
        ("requester_updated_at", found.requester_updated_at or None),
        ("status_updated_at", found.status_changed_at),
        ("initially_assigned_at", found.first_assigned_at),
        ("assigned_at", found.last_assigned_at),
        ("solved_at", found.last_solved_at if is_solved else None),
        ("latest_comment_added_at", found.latest_comment_at or None),
        ("custom_status_updated_at", found.status_changed_at),
    ]


def _priorities(ticket: Ticket) -> list[tuple[int, str]]:
    """When the ticket got which priority."""
    changes = [(step.at, change) for step in ticket.steps for change in step.changes]
    return [(at, change.value) for at, change in changes if change.name == "priority" and change.value]


def _reached(instance: Instance, sla: dict[str, Any], hours: Hours, until: int) -> int | None:
    """When the instance's clock has used up a target, if that is before `until`."""
    target, counted = sla["target_in_seconds"], hours if sla["business_hours"] else None
    used = 0
    for start, end in instance.stretches(until):
        here = length(start, end, counted)
        if used + here > target:
            return start + target - used if counted is None else counted.add(start, max(1, target - used))
        used += here
    return None
