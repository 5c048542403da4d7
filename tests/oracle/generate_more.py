"""What comes to a random conversation after it is written: deletions at telling seconds, splits, hand-overs."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.oracle.generate_terms import TEAMS
from tests.oracle.generate_threads import GAPS, Oddities, goals_over
from tests.oracle.hours import DAY, HOUR, first_reaching
from tests.oracle.measuring import hours_of
from tests.oracle.model import OWNERSHIP_METRICS, Assignment, Goal, Message, World
from tests.oracle.terms import target_seconds

#: Orders of what is added here come after all that a thread has given out, and before those of a merge.
_FIRST_ORDER = 11_000


def _due(world: World, rnd: Random, goal: Goal, start: int) -> int:
    """When one of the goal's targets is used up by a clock that nothing pauses."""
    hours = hours_of(world, goal)
    seconds = target_seconds(rnd.choice(list(goal.targets.values())), hours, start)
    if hours is None or goal.basis == "calendar":
        return start + seconds
    return first_reaching(lambda t: hours.open_seconds(start, t), start, seconds)


def _hand_over(rnd: Random, name: str, at: int, order: int) -> Assignment:
    """To nobody, to a team, or to one of its people."""
    team_id = rnd.choice((*TEAMS, *TEAMS, None))
    member_id = None if team_id is None else rnd.choice((None, f"{team_id}1", f"{team_id}2"))
    return Assignment(name, at, team_id, order, member_id)


class Extras:
    """Made before a conversation is written into the world, `add` is called after it."""

    def __init__(self, world: World, rnd: Random, name: str, odd: Oddities) -> None:
        self.world, self.rnd, self.name, self.odd = world, rnd, name, odd
        self.messages, self.statuses = len(world.messages), len(world.status_changes)
        self.priorities, self.assignments = len(world.priority_changes), len(world.assignments)

    def add(self) -> None:
        """Everything, as often as the oddities say."""
        messages = self.world.messages
        messages[self.messages :] = [self.deleted_in_time(m) for m in messages[self.messages :]]
        messages[self.messages :] = [self.crossed(m) for m in messages[self.messages :]]
        if self.rnd.random() < self.odd.assigned:
            self.assign()
        if self.rnd.random() < self.odd.split:
            self.split()

    def deleted_in_time(self, message: Message) -> Message:
        """A deleted message, at times deleted exactly when a clock from it is due or another message comes (D16)."""
        if message.deleted_at is None or not message.is_eligible_inbound or self.rnd.random() < 0.4:
            return message
        channel_id = self.world.conversations[self.name].channel_id
        goals = goals_over(self.world, channel_id, message.published_at)
        if goals and self.rnd.random() < 0.7:
            goal = self.rnd.choice(goals)
            wanted = _due(self.world, self.rnd, goal, message.arrived_at(goal.subject))
        else:
            wanted = self.rnd.choice(self.world.messages[self.messages :]).published_at
        return replace(message, deleted_at=max(message.received_at, wanted + self.rnd.choice((-1, 0, 0, 1))))

    def crossed(self, message: Message) -> Message:
        """A company's message that the source puts before a question of its second, and yet links to it (D14)."""
        for asked in self.world.messages[self.messages :]:
            if (
                message.direction == "outbound"
                and message.replies_to is None
                and asked.is_eligible_inbound
                and asked.published_at == message.published_at
                and (asked.source_order or 0) > (message.source_order or 0)
                and self.rnd.random() < self.odd.crossed
            ):
                return replace(message, replies_to=asked.message_id)
        return message

    def assign(self) -> None:
        """Hand the conversation over a few times: in the seconds of its events, beside them, and when time is up."""
        world, rnd = self.world, self.rnd
        conversation = world.conversations[self.name]
        telling = [conversation.created_at - HOUR, conversation.created_at]
        telling += [at for m in world.messages[self.messages :] for at in (m.published_at, m.received_at)]
        telling += [change.at for change in world.status_changes[self.statuses :]] * 2
        for number in range(rnd.choice((1, 1, 2, 3, 5, 8))):
            at = rnd.choice(telling)
            goals = [g for g in goals_over(world, conversation.channel_id, at) if g.metric in OWNERSHIP_METRICS]
            if goals and rnd.random() < 0.3:
                at = _due(world, rnd, rnd.choice(goals), at)
            at += rnd.choice((-1, 0, 0, 0, 0, 1, rnd.choice(GAPS)))
            world.assignments.append(_hand_over(rnd, self.name, at, _FIRST_ORDER + number))
            telling.append(at)

    def split(self) -> None:
        """A conversation split off another (D9): made after its first message, and without a history until then."""
        world = self.world
        conversation = world.conversations[self.name]
        made_at = conversation.created_at + self.rnd.choice((1, 60, 600, HOUR, DAY, 3 * DAY))
        world.conversations[self.name] = replace(conversation, created_at=made_at)
        statuses, priorities = world.status_changes, world.priority_changes
        statuses[self.statuses :] = [replace(c, at=max(c.at, made_at)) for c in statuses[self.statuses :]]
        priorities[self.priorities :] = [replace(c, at=max(c.at, made_at)) for c in priorities[self.priorities :]]
        held = world.assignments
        held[self.assignments :] = [replace(a, at=max(a.at, made_at)) for a in held[self.assignments :]]


def hand_over_merged(world: World, rnd: Random, odd: Oddities) -> None:
    """Some merged conversations change hands in the second of the merge or beside it."""
    for number, merge in enumerate(world.merges):
        if rnd.random() < 0.4 * odd.assigned:
            at = merge.at + rnd.choice((-1, 0, 0, 1))
            world.assignments.append(_hand_over(rnd, merge.child, at, 30_000 + number))
