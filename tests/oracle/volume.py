"""Incoming volume and silence (M7-M11), message by message, in plain Python."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.hours import DAY, HOUR, local_time, midnight
from tests.oracle.model import Message, World
from tests.oracle.monthly import month_of, next_month
from tests.oracle.timeline import Event, ordered_messages

WAIT = 7 * DAY
WINDOW = 90 * 24


@dataclass(frozen=True)
class Inbound:
    """A message that came in, and what the source says of its intent and views."""

    channel_id: str
    zone: str
    message: Message
    answered_at: int | None
    deleted_at: int | None
    intent: str | None
    is_actionable: bool
    viewed_at: int | None

    @property
    def at(self) -> int:
        """When it was written."""
        return self.message.published_at

    @property
    def local_date(self) -> date:
        """The day of its channel on which it was written."""
        return local_time(self.zone, self.at).date()


def answer_of(world: World, message: Message) -> int | None:
    """The first response of a person after a message: in its conversation, then where merges took it (D9)."""
    events = ordered_messages(world, message.conversation_id, "human")
    if all(event.message is not message for event in events):
        own: list[Event] = []  # written after its conversation was merged away
    else:
        place = next(i for i, event in enumerate(events) if event.message is message)
        own = [event for event in events[place + 1 :] if event.is_response]
    if own:
        return max(own[0].at, message.published_at)
    conversation_id, since = message.conversation_id, message.published_at
    while merge := world.merge_of.get(conversation_id):
        conversation_id, since = merge.parent, max(since, merge.at)
        until = world.merge_of.get(conversation_id)
        later = [
            other.published_at
            for other in world.messages_of.get(conversation_id, [])
            if other.is_response("human") and other.published_at > since
        ]
        later = [at for at in later if until is None or at <= until.at]
        if later:
            return min(later)
    return None


def inbound_messages(
    world: World, intents: dict[str, str], views: dict[str, list[int]] | None, unanswerable: frozenset[str]
) -> list[Inbound]:
    """Every inbound message; `intents` and `views` by conversation, `views` None where the source has none."""
    found = []
    for name, conversation in world.conversations.items():
        is_excluded = bool(conversation.flags) or (
            conversation.deleted_at is not None and conversation.deleted_at <= world.as_of
        )
        for message in world.messages_of.get(name, []):
            if not message.is_inbound:
                continue
            is_actionable = message.is_eligible_inbound and not is_excluded and intents.get(name) not in unanswerable
            deleted_at = message.deleted_at
            seen = [at for at in (views or {}).get(name, []) if at >= message.published_at]
            found.append(
                Inbound(
                    channel_id=conversation.channel_id,
                    zone=world.channel_zones.get(conversation.channel_id, "UTC"),
                    message=message,
                    answered_at=answer_of(world, message) if is_actionable else None,
                    deleted_at=deleted_at if deleted_at is not None and deleted_at <= world.as_of else None,
                    intent=intents.get(name),
                    is_actionable=is_actionable,
                    viewed_at=min(seen, default=None),
                )
            )
    return found


def fate(item: Inbound, end: int, as_of: int) -> str | None:
    """What became of a message of an interval that ends at `end` (M7)."""
    if not item.is_actionable:
        return None
    if item.answered_at is not None and (item.deleted_at is None or item.answered_at <= item.deleted_at):
        if item.answered_at <= end + WAIT:
            return "answered"
    elif item.deleted_at is not None and item.deleted_at <= end + WAIT:
        return "deleted"
    return "never_answered" if as_of >= end + WAIT else "pending"


def tally(items: list[Inbound], end: int, world: World, views: bool) -> Counter[str]:
    """The counts of one interval."""
    counts: Counter[str] = Counter()
    for item in items:
        what = fate(item, end, world.as_of)
        counts["listened"] += 1
        counts["assistance"] += item.intent in ("inquiry", "complaint")
        counts["unknown_intent"] += item.intent is None
        counts["actionable"] += what in ("answered", "never_answered", "pending")
        counts[what or "nobody's"] += 1
        if views and what in ("answered", "never_answered"):
            counts["measurable"] += 1
            is_viewed = what == "answered" or (item.viewed_at is not None and item.viewed_at <= end + WAIT)
            counts["never_viewed"] += not is_viewed
    return counts


def hour_of(at: int) -> int:
    """The beginning of its hour."""
    return at - at % HOUR


def hour_bounds(item: Inbound) -> tuple[int, int]:
    """(key, end) of a message's hour."""
    return hour_of(item.at), hour_of(item.at) + HOUR


def day_bounds(item: Inbound) -> tuple[date, int]:
    """(key, end) of a message's local day."""
    return item.local_date, midnight(item.zone, date.fromordinal(item.local_date.toordinal() + 1))


def month_bounds_of(item: Inbound) -> tuple[date, int]:
    """(key, end) of a message's local month."""
    period = month_of(item.local_date)
    return period, midnight(item.zone, next_month(period))


def percentile(values: list[int], share: Fraction) -> Fraction:
    """Interpolated between the two neighbours (M16)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
