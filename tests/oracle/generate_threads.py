"""Random conversations with nasty ties: equal seconds, answers exactly at due, skewed clocks, merges, deletions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from tests.oracle.generate_terms import PRIORITIES
from tests.oracle.hours import DAY, HOUR, first_reaching, local_time
from tests.oracle.measuring import hours_of
from tests.oracle.model import (
    UPDATE_METRICS,
    Assignment,
    Conversation,
    Goal,
    Merge,
    Message,
    PriorityChange,
    StatusChange,
    World,
)
from tests.oracle.terms import promise_at, target_seconds, validity

GAPS = (0, 0, 0, 1, 1, 59, 60, 600, 601, 1800, 3599, 3600, 3601, 7200, 4 * HOUR, 8 * HOUR, DAY, 2 * DAY, 5 * DAY)
ACTIONS = (
    *("customer",) * 8,
    *("answer",) * 9,
    *("answer_and_solve",) * 2,
    *("status",) * 4,
    *("priority",) * 2,
    *("noise",) * 4,
    "assign",
)
NOISE = (
    ("bot", "outbound", {}),
    ("auto_reply", "outbound", {}),
    ("survey", "outbound", {}),
    ("system", "outbound", {}),
    ("person", "internal", {"is_public": False}),
    ("person", "outbound", {"is_delivered": False}),
    ("other_customer", "inbound", {}),
    ("auto_reply", "inbound", {}),
    ("customer", "internal", {"is_public": False}),
)
NEXT_STATUSES = ("open", "pending", "pending", "on_hold", "solved", "solved", "closed", "open")


@dataclass(frozen=True)
class Oddities:
    """How often (0–1) each oddity comes. All 0 gives plain conversations."""

    lag: float = 0.2
    skew: float = 0.05
    deleted_message: float = 0.06
    deleted_conversation: float = 0.03
    flagged: float = 0.05
    merged: float = 0.12
    exact_due: float = 0.35
    opened_by_company: float = 0.08
    split: float = 0.06
    assigned: float = 0.8
    crossed: float = 0.5


def goals_over(world: World, channel_id: str, at: int) -> list[Goal]:
    """The goals that a clock starting now on this channel would fall under."""
    found = []
    for agreement_id, goal_id in sorted({(v.agreement_id, g.goal_id) for v in world.agreements for g in v.goals}):
        promise = promise_at(world, agreement_id, goal_id, channel_id, at)
        if promise:
            found.append(promise[1])
    return found


class Thread:
    """Writes one conversation into a world."""

    def __init__(self, world: World, rnd: Random, name: str, channel_id: str, begin: int, odd: Oddities) -> None:
        self.world, self.rnd, self.name, self.channel_id, self.now, self.odd = world, rnd, name, channel_id, begin, odd
        self.begin = begin
        self.orders: Iterator[int] = iter(range(1, 10_000))
        self.has_orders = rnd.random() < 0.5
        self.is_shuffled = self.has_orders and rnd.random() < 0.2
        self.has_status = channel_id != "feed"
        self.status: str | None = None
        self.asked: Message | None = None
        self.said: list[Message] = []

    def write(self, steps: int) -> None:
        """Open the thread and let `steps` things happen."""
        rnd = self.rnd
        conversation = Conversation(self.name, self.channel_id, self.begin, has_status=self.has_status)
        if rnd.random() < self.odd.flagged:
            flags = ("spam", "test", "tolerance", "force_majeure", "agreed_closure", "caused_by_customer")
            conversation = replace(conversation, flags=frozenset(rnd.sample(flags, rnd.choice((1, 1, 2)))))
        if rnd.random() < self.odd.deleted_conversation:
            conversation = replace(conversation, deleted_at=self.begin + rnd.choice((0, HOUR, 3 * DAY, 60 * DAY)))
        self.world.conversations[self.name] = conversation
        self.set_status(rnd.choice(("new", "new", "open")))
        if rnd.random() < 0.6:
            self.set_priority(rnd.choice((*PRIORITIES, "urgent", "unheard_of")))
        if rnd.random() < self.odd.opened_by_company:
            self.say("person", "outbound")
            self.now += rnd.choice(GAPS)
        self.say("customer", "inbound")
        for _ in range(steps):
            self.now += rnd.choice(GAPS)
            getattr(self, f"do_{rnd.choice(ACTIONS)}")()
        self.delete_some()
        self.world.messages.extend(self.said)

    def say(self, role: str, direction: str, at: int | None = None, **facts: object) -> Message:
        published_at = self.now if at is None else at
        lag = self.rnd.choice((1, 5, 60, 600, 7200)) if self.rnd.random() < self.odd.lag else 0
        message = Message(
            message_id=f"{self.name}.m{len(self.said) + 1:02d}",
            conversation_id=self.name,
            published_at=published_at,
            direction=direction,
            author_role=role,
            received_at=published_at + (lag if direction != "outbound" else 0),
            source_order=next(self.orders) if self.has_orders else None,
            **facts,  # type: ignore[arg-type]
        )
        if self.is_shuffled and self.rnd.random() < 0.5:
            message = replace(message, source_order=10_000 - (message.source_order or 0))
        self.said.append(message)
        if message.is_eligible_inbound:
            self.asked = message
        return message

    def set_status(self, to_status: str, at: int | None = None) -> None:
        if self.has_status and to_status != self.status:
            when = self.now if at is None else at
            self.world.status_changes.append(StatusChange(self.name, when, to_status, next(self.orders)))
            self.status = to_status

    def set_priority(self, to_priority: str | None, at: int | None = None) -> None:
        if self.has_status:
            when = self.now if at is None else at
            self.world.priority_changes.append(PriorityChange(self.name, when, to_priority, next(self.orders)))

    def aim(self) -> None:
        """Move to a telling second: a goal's due, an opening or a closing, a version's midnight; or one beside it."""
        goals = goals_over(self.world, self.channel_id, self.asked.published_at) if self.asked else []
        if not goals or self.rnd.random() >= self.odd.exact_due:
            return
        goal = self.rnd.choice(goals)
        start = self.counts_from(goal)
        hours = hours_of(self.world, goal)
        kind = self.rnd.random()
        if kind < 0.7:
            seconds = target_seconds(self.rnd.choice(list(goal.targets.values())), hours, start)
            elapsed = (lambda t: t - start) if hours is None else (lambda t: hours.open_seconds(start, t))
            wanted = first_reaching(elapsed, start, seconds)
        elif kind < 0.9 and hours is not None:
            blocks = hours.blocks(local_time(hours.zone, self.now).date())
            wanted = self.rnd.choice([edge for block in blocks for edge in block] or [self.now])
        else:
            edges = [edge for v in self.world.agreements for edge in validity(v) if abs(edge - self.now) < 10 * DAY]
            wanted = self.rnd.choice(edges or [self.now])
        wanted += self.rnd.choice((-1, 0, 0, 0, 1, 1))
        if self.now <= wanted <= self.now + 12 * DAY:
            self.now = wanted

    def counts_from(self, goal: Goal) -> int:
        """When the goal's clock that may run now has started: with the last question, or with the last update."""
        assert self.asked is not None
        updates = [m.published_at for m in self.said if m.is_response(goal.responder)]
        if goal.metric in UPDATE_METRICS and updates:
            return updates[-1]
        return self.asked.arrived_at(goal.subject)

    def do_customer(self) -> None:
        if self.rnd.random() < 0.3:
            self.aim()
        self.say("customer", "inbound")
        if self.status in ("solved", "closed") and self.rnd.random() < 0.7:
            self.set_status("open", self.now + self.rnd.choice((0, 0, 0, 1, 300)))

    def do_answer(self) -> None:
        self.aim()
        if self.asked is not None and not self.is_shuffled and self.rnd.random() < self.odd.skew:
            early = self.asked.published_at - self.rnd.choice((1, 1, 30, 600))
            self.say("person", "outbound", at=max(early, self.begin - 600), replies_to=self.asked.message_id)
            return
        linked = self.asked.message_id if self.asked and not self.is_shuffled and self.rnd.random() < 0.3 else None
        self.say("person", "outbound", replies_to=linked)

    def do_answer_and_solve(self) -> None:
        self.do_answer()
        self.set_status(self.rnd.choice(("solved", "solved", "pending")), self.now + self.rnd.choice((0, 0, 1)))

    def do_status(self) -> None:
        self.aim()
        self.set_status(self.rnd.choice(NEXT_STATUSES))
        if self.rnd.random() < 0.15:
            self.set_status(self.rnd.choice(NEXT_STATUSES))

    def do_priority(self) -> None:
        self.aim()
        at = self.now
        if self.said and self.rnd.random() < 0.4:
            at = self.rnd.choice(self.said).published_at + self.rnd.choice((-1, 0, 0, 1))
        self.set_priority(self.rnd.choice((*PRIORITIES, "unheard_of", None)), max(at, self.begin))

    def do_noise(self) -> None:
        role, direction, facts = self.rnd.choice(NOISE)
        self.say(role, direction, **facts)

    def do_assign(self) -> None:
        self.world.assignments.append(Assignment(self.name, self.now, self.rnd.choice("ab"), next(self.orders)))

    def delete_some(self) -> None:
        for index, message in enumerate(self.said):
            if self.rnd.random() < self.odd.deleted_message:
                later = self.rnd.choice(self.said).published_at if self.rnd.random() < 0.3 else message.received_at
                deleted_at = max(later, message.received_at) + self.rnd.choice(GAPS)
                self.said[index] = replace(message, deleted_at=deleted_at)


def merge_some(world: World, rnd: Random, odd: Oddities) -> None:
    """Merge conversations of a channel into later-named ones, in chains at times; what came after mostly goes away."""
    by_channel: dict[str, list[str]] = {}
    for name, conversation in world.conversations.items():
        by_channel.setdefault(conversation.channel_id, []).append(name)
    for names in by_channel.values():
        for index, child in enumerate(names[:-1]):
            if rnd.random() >= odd.merged:
                continue
            parent = rnd.choice(names[index + 1 : index + 4])
            begun = max(world.conversations[child].created_at, world.conversations[parent].created_at)
            said = [m.published_at for m in world.messages if m.conversation_id in (child, parent)]
            at = max(begun, rnd.choice(said)) + rnd.choice((0, 0, 1, 60, HOUR, DAY))
            world.merges.append(Merge(child, parent, at))
            world.status_changes.append(StatusChange(child, at + rnd.choice((0, 0, 0, 1)), "closed", 20_000))
            if rnd.random() < 0.8:
                world.messages = [m for m in world.messages if m.conversation_id != child or m.published_at <= at]
