"""Promise kept (M13): what became of each message of a customer, and the counts by hour of the week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tests.oracle.hours import DAY, HOUR, Hours, local_time
from tests.oracle.model import StatusChange, World
from tests.oracle.monthly import month_of
from tests.oracle.timeline import Arrival, Event, is_closing, steps


@dataclass(frozen=True)
class Promise:
    """What the public is promised on a channel for ever; `hours` None: every second."""

    channel_id: str
    responder: str
    hours: Hours | None
    is_business: bool
    count: int
    unit: str
    zone: str


def fates(world: World, conversation_id: str, responder: str) -> list[tuple[int, int | None, str | None]]:
    """(written, ended, how) of each message of the customer: answered, closed, deleted, or None while it waits.

    A message that a merge carried away without an end is the parent's (D9) and not here.
    """
    conversation = world.conversations[conversation_id]
    if conversation.flags or (conversation.deleted_at is not None and conversation.deleted_at <= world.as_of):
        return []
    found: list[tuple[int, int | None, str | None]] = []
    waiting: list[Arrival] = []
    status = None
    has_spoken = has_answer = False

    def end(at: int | None, how: str | None) -> None:
        for arrival in waiting:
            deleted_at = arrival.message.deleted_at
            stopped = None if at is None else max(at, arrival.at)
            is_deleted = deleted_at is not None and deleted_at <= world.as_of
            if is_deleted and (stopped is None or deleted_at < stopped):
                found.append((arrival.at, deleted_at, "deleted"))
            else:
                found.append((arrival.at, stopped, how))
        waiting.clear()

    for at, what in steps(world, conversation_id, "customer", responder):
        if isinstance(what, Arrival):
            has_spoken = True
            waiting.append(what)
        elif isinstance(what, StatusChange):
            before, status = status, what.to_status
            if is_closing(before, status) and has_answer:
                end(at, "closed")
        elif isinstance(what, Event):
            end(at, "answered")
            has_answer = has_answer or has_spoken
        else:  # its own merge
            waiting.clear()
    end(None, None)
    return found


def outcome(elapsed: int, target: int, how: str | None) -> str:
    """Broken once the time is used up, however it ended; else by how it ended."""
    if elapsed > target:
        return "broken"
    return {None: "pending", "answered": "kept"}.get(how, "left_out")


def hourly(world: World, promise: Promise) -> dict[tuple[date, int], Counter[str]]:
    """(month, hour of the week) → counts, of a promise's channel."""
    found: dict[tuple[date, int], Counter[str]] = {}
    for name, conversation in world.conversations.items():
        if conversation.channel_id != promise.channel_id:
            continue
        for written, ended, how in fates(world, name, promise.responder):
            until = world.as_of if ended is None else ended
            hours = promise.hours
            if promise.unit == "business_days":
                assert hours is not None
                target, calendar_target = hours.business_days_seconds(written, promise.count), promise.count * DAY
            else:
                target = calendar_target = promise.count * {"minutes": 60, "hours": HOUR}[promise.unit]
            elapsed = until - written
            if promise.is_business and hours is not None:
                elapsed = hours.open_seconds(written, until)
            local = local_time(promise.zone, written)
            period = month_of(local_time("UTC", written).date())
            counts = found.setdefault((period, local.weekday() * 24 + local.hour), Counter())
            counts["message_count"] += 1
            calendar = outcome(until - written, calendar_target, how)
            counts["calendar_decided_count"] += calendar in ("kept", "broken")
            counts["calendar_kept_count"] += calendar == "kept"
            if hours is not None and not hours.is_open(written):
                counts["outside_hours_count"] += 1
                continue
            kept = outcome(elapsed, target, how)
            counts["promised_count"] += kept in ("kept", "broken")
            counts["kept_count"] += kept == "kept"
            counts["pending_count"] += kept == "pending"
            counts["left_out_count"] += kept == "left_out"
    return found
