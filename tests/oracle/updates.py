"""Gaps between the company's updates while a conversation is unsolved: `periodic_update`, `pausable_update` (M5)."""

from __future__ import annotations

from tests.oracle.model import SOLVED_STATUSES, StatusChange, World
from tests.oracle.timeline import Arrival, Event, Stretch, is_closing, is_reopening, ordered_messages, steps


def gaps(world: World, conversation_id: str, subject: str, responder: str) -> list[Stretch]:
    """The gaps of a conversation in order, from its first inbound message on, or from the reopening after it.

    Every response is an update, whoever it answers: it ends a gap and begins the next one.
    """
    found: list[Stretch] = []
    status = None
    has_begun = False
    for at, what in steps(world, conversation_id, subject, responder):
        current = found[-1] if found and found[-1].stopped_at is None else None
        if isinstance(what, Arrival):
            if not has_begun and status not in SOLVED_STATUSES:
                found.append(Stretch("gap", what.at, [what]))
            has_begun = True
        elif isinstance(what, StatusChange):
            before, status = status, what.to_status
            if current is not None and is_closing(before, status):
                current.stop(at, status)
            elif has_begun and current is None and is_reopening(before, status):
                found.append(Stretch("gap", at, started_by="reopened"))
        elif current is None:
            continue
        elif isinstance(what, Event):
            current.stop(at, "update", what.message)
            current.is_skewed = what.is_skewed
            found.append(Stretch("gap", at, started_by="update", message=what.message))
        else:
            current.merged_at = at
    if found and found[0].arrivals:
        _add_later_messages(world, conversation_id, subject, responder, found[0])
    return found


def _add_later_messages(world: World, conversation_id: str, subject: str, responder: str, first: Stretch) -> None:
    """The messages that start the first gap where those before them are deleted (D16), as for a resolution."""
    opener = first.arrivals[0].message
    for event in ordered_messages(world, conversation_id, responder):
        is_inside = first.stopped_at is None or event.at <= first.stopped_at
        if not event.is_response and event.message != opener and is_inside:
            first.arrivals.append(Arrival(event.message, event.message.arrived_at(subject)))
