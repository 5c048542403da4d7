"""Writes the history of one ticket step by step, keeping the previous value of every field."""

from __future__ import annotations

from typing import Any

from sandbox.company.hours import END_AT
from sandbox.company.world import SYSTEM_ID, Comment, FieldChange, Step, Ticket

HOUR = 3600
UNSOLVED = ("new", "open", "pending", "hold")


def next_hour(at: int) -> int:
    """The full hour at or after `at`, when the hourly automations run."""
    return -(-at // HOUR) * HOUR


class TicketLog:
    """Appends steps to a ticket in order of time; what would happen after the end of the data is dropped."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.has_ended = False

    @property
    def at(self) -> int:
        """Instant of the last step."""
        return self.ticket.steps[-1].at

    def value(self, name: str) -> Any:
        """Value of a field after the last step."""
        return self.ticket.values.get(name)

    def create(self, actor_id: int, body: str, fields: dict[str, Any], notifications: tuple[str, ...] = ()) -> None:
        """The first step: the opening comment and one Create per field; group and priority are set by a trigger."""
        ticket = self.ticket
        ticket.values.update(fields)
        ticket.steps.append(
            Step(
                ticket.created_at,
                actor_id,
                ticket.via,
                Comment(actor_id, body, True),
                [FieldChange(name, value, by_rule=name == "group_id") for name, value in fields.items()],
                list(notifications),
                is_creation=True,
            )
        )

    def step(
        self,
        at: int,
        actor_id: int,
        body: str | None = None,
        *,
        is_public: bool = True,
        author_id: int | None = None,
        via: str = "web",
        notifications: tuple[str, ...] = (),
        other: Ticket | None = None,
        **changes: Any,
    ) -> bool:
        """Append a step not before a second after the last one; False when it lies after the end of the data.

        Changes to the value that a field already has are left out, as the ticket system leaves them out.
        """
        at = max(at, self.at + 1)
        if at >= END_AT or self.has_ended:
            self.has_ended = True
            return False
        values = self.ticket.values
        found = [FieldChange(n, v, values.get(n)) for n, v in changes.items() if values.get(n) != v]
        values.update(changes)
        comment = None if body is None else Comment(actor_id if author_id is None else author_id, body, is_public)
        self.ticket.steps.append(Step(at, actor_id, via, comment, found, list(notifications), other))
        return True

    def inbound(self, at: int, body: str, *, is_public: bool = True, via: str = "email") -> bool:
        """The customer writes; a ticket that waits or is solved opens again."""
        changes: dict[str, Any] = {"status": "open"} if self.value("status") in ("pending", "hold", "solved") else {}
        return self.step(at, self.ticket.requester_id, body, is_public=is_public, via=via, **changes)

    def system(self, at: int, *, notifications: tuple[str, ...] = (), **changes: Any) -> bool:
        """An automation acts, on the full hour."""
        return self.step(next_hour(at), SYSTEM_ID, via="rule", notifications=notifications, **changes)

    def add_tags(self, at: int, actor_id: int, *tags: str, **changes: Any) -> bool:
        """Add tags (and change other fields) in one step."""
        kept = self.value("tags") or []
        return self.step(at, actor_id, tags=[*kept, *(t for t in tags if t not in kept)], **changes)

    def finish(self, survey: bool) -> None:
        """What automations do to a solved ticket: a survey after a day, closing after four."""
        if self.value("status") != "solved":
            return
        solved_at = self.at
        if survey:
            self.system(solved_at + 24 * HOUR, notifications=("How was our service? Rate it here.",))
        self.system(solved_at + 96 * HOUR, status="closed")
