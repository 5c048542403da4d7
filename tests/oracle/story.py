"""A short way to write one conversation and its goal down, for hand-worked cases.

Days are days of March 2026, in UTC: 2 March is a Monday, 7 and 8 March a weekend, 29 March the change to summer time
in Europe. The default hours are Monday to Friday, 09:00–17:00 UTC.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

from tests.oracle.clocks import Clock, Readings, all_clocks
from tests.oracle.model import (
    AgreementVersion,
    Assignment,
    Block,
    Conversation,
    EffectivePart,
    Goal,
    Merge,
    Message,
    PriorityChange,
    Schedule,
    StatusChange,
    Target,
    World,
    floored,
)

MINUTE = 60
HOUR = 3_600
DAY = 86_400


def on(day: int, clock: str = "00:00") -> int:
    """The second of `HH:MM` or `HH:MM:SS` UTC on a day of March 2026 (32 is 1 April)."""
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    first = floored(datetime(2026, 3, 1, tzinfo=UTC))
    return first + (day - 1) * DAY + hour * HOUR + minute * MINUTE + second


def weekdays(*blocks: tuple[str, str], days: range = range(5)) -> dict[int, tuple[Block, ...]]:
    """The same blocks on each of the days (0 = Monday)."""
    return {day: tuple(Block(*block) for block in blocks) for day in days}


OFFICE = Schedule("office", "UTC", (EffectivePart(weekdays(("09:00", "17:00"))),))
ALWAYS = Schedule("always", "UTC", (EffectivePart(weekdays(("00:00", "24:00"), days=range(7))),))


def goal(metric: str, target: str = "2 hours", **terms: object) -> Goal:
    """A business-hours goal in office hours. `target` is `"2 hours"` or `"urgent=1 hours, default=4 hours"`."""
    targets = {}
    for part in target.split(","):
        priority, _, text = part.rpartition("=")
        value, unit = text.split()
        targets[priority.strip() or "default"] = Target(int(value), unit)
    settings = {"schedule_id": "office", **terms}
    return Goal("goal", metric, targets, **settings)  # type: ignore[arg-type]


def version(
    *goals: Goal, number: int = 1, first: date = date(2026, 1, 1), last: date | None = None
) -> AgreementVersion:
    """A version of the agreement `care` in UTC on the channel `mail`."""
    return AgreementVersion("care", number, "UTC", first, last, frozenset({"mail"}), goals)


class Story:
    """Collects what happened and answers with clocks. Every method that adds returns the story."""

    def __init__(self, *goals: Goal, as_of: int = on(20), schedules: tuple[Schedule, ...] = (OFFICE, ALWAYS)) -> None:
        self.world = World(
            as_of=as_of,
            schedules={s.schedule_id: s for s in schedules},
            agreements=[version(*goals)] if goals else [],
            conversations={},
            channel_zones={"mail": "UTC"},
        )
        self._numbers = count(1)

    def conversation(self, name: str = "c", **facts: object) -> Story:
        """Declare a conversation, or change what is known of it."""
        known = self.world.conversations.get(name, Conversation(name, "mail", 0))
        self.world.conversations[name] = replace(known, **facts)  # type: ignore[arg-type]
        return self

    def say(self, at: int, role: str, direction: str, conversation: str = "c", **facts: object) -> Story:
        """A message; its id is `m<n>` by order of telling unless `message_id` is given."""
        self.conversation(conversation)
        settings = {"message_id": f"m{next(self._numbers)}", **facts}
        self.world.messages.append(
            Message(conversation_id=conversation, published_at=at, direction=direction, author_role=role, **settings)  # type: ignore[arg-type]
        )
        return self

    def customer(self, at: int, conversation: str = "c", **facts: object) -> Story:
        """An inbound message of the customer."""
        return self.say(at, "customer", "inbound", conversation, **facts)

    def agent(self, at: int, conversation: str = "c", **facts: object) -> Story:
        """A person's answer."""
        return self.say(at, "person", "outbound", conversation, **facts)

    def status(self, at: int, to_status: str, conversation: str = "c") -> Story:
        """A status change."""
        self.conversation(conversation)
        order = next(self._numbers)
        self.world.status_changes.append(StatusChange(conversation, at, to_status, order))
        return self

    def priority(self, at: int, to_priority: str | None, conversation: str = "c") -> Story:
        """A priority change."""
        self.conversation(conversation)
        order = next(self._numbers)
        self.world.priority_changes.append(PriorityChange(conversation, at, to_priority, order))
        return self

    def assign(self, at: int, team: str | None, member: str | None = None, conversation: str = "c") -> Story:
        """From `at` on the team has the conversation; None: nobody."""
        self.conversation(conversation)
        order = next(self._numbers)
        self.world.assignments.append(Assignment(conversation, at, team, order, member))
        return self

    def merge(self, child: str, parent: str, at: int) -> Story:
        """`child` is merged into `parent`."""
        self.world.merges.append(Merge(child, parent, at))
        return self

    def clocks(self, conversation: str | None = None, readings: Readings | None = None) -> list[Clock]:
        """All clocks, or one conversation's, by start."""
        afresh = replace(self.world)  # a world remembers what it looked up; the story may have gone on
        found = [c for c in all_clocks(afresh, readings) if conversation in (None, c.conversation_id)]
        return sorted(found, key=lambda c: (c.conversation_id, c.goal_id, c.started_at, c.cycle_number))

    def clock(self, conversation: str | None = None, readings: Readings | None = None) -> Clock:
        """The one clock there is."""
        (only,) = self.clocks(conversation, readings)
        return only
