"""Where clocks start and stop, before any target is looked at: turns, cycles, merges (D9, D14, D15, M1–M4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.oracle.model import SOLVED_STATUSES, Merge, Message, StatusChange, World


@dataclass(frozen=True)
class Arrival:
    """An inbound message as a clock sees it: its own time, which for a moved message is older than its entry (D9)."""

    message: Message
    at: int
    is_moved: bool = False


@dataclass
class Stretch:
    """What one clock runs over. `arrivals` holds the messages that it covers, oldest first; a reopening has none.

    Where a message did not open it as a turn or a resolution, `started_by`, `message`, `team_id` and `team_member_id`
    say what did and who holds it.
    """

    kind: str  # first, next, resolution, cycle, gap, holding
    opened_at: int
    arrivals: list[Arrival] = field(default_factory=list)
    stopped_at: int | None = None
    stop_reason: str | None = None
    response: Message | None = None
    is_skewed: bool = False
    closings: list[int] = field(default_factory=list)  # of a first turn, which they do not stop (D15)
    #: Until when a deleted message still leaves the stretch (D16): its first stop, also where it ran again after it.
    first_stop_at: int | None = None
    merged_at: int | None = None
    started_by: str | None = None
    message: Message | None = None
    team_id: str | None = None
    team_member_id: str | None = None

    def cover(self, arrival: Arrival) -> None:
        """Take a message in; an older one makes the stretch older (D9)."""
        self.arrivals = sorted([*self.arrivals, arrival], key=lambda a: a.at)
        self.opened_at = self.arrivals[0].at

    def stop(self, at: int, reason: str, response: Message | None = None) -> None:
        """End the stretch."""
        self.stopped_at, self.stop_reason, self.response = at, reason, response
        self.first_stop_at = at if self.first_stop_at is None else self.first_stop_at


@dataclass(frozen=True)
class Event:
    """A message in the order in which clocks see it. A response that was put behind the message it answers has that
    one's time and order (`behind`), not its own."""

    at: int
    message: Message
    is_response: bool
    is_skewed: bool = False
    behind: Message | None = None

    @property
    def source_order(self) -> int | None:
        """Where the source puts it in its second."""
        return (self.behind or self.message).source_order


def root_of(world: World, conversation_id: str, at: int) -> str:
    """The conversation that `conversation_id` is a part of at second `at`, following chains of merges."""
    while (merge := world.merge_of.get(conversation_id)) and merge.at <= at:
        conversation_id = merge.parent
    return conversation_id


def is_closing(before: str | None, after: str) -> bool:
    """From an unsolved status (or none yet) to solved or closed (D15)."""
    return after in SOLVED_STATUSES and before not in SOLVED_STATUSES


def is_reopening(before: str | None, after: str) -> bool:
    """From solved or closed to an unsolved status: only a status reopens (M3)."""
    return before in SOLVED_STATUSES and after not in SOLVED_STATUSES


def own_statuses(world: World, conversation_id: str) -> list[StatusChange]:
    """The conversation's status changes; what a merge does to the child's status is no closing (D9)."""
    merge = world.merge_of.get(conversation_id)
    return [c for c in world.statuses_of.get(conversation_id, []) if merge is None or c.at < merge.at]


def _one_second(events: list[Event]) -> list[Event]:
    """Order within one second: the source's own order; without one, inbound first (D14)."""
    if all(e.message.source_order is not None for e in events):
        return sorted(events, key=lambda e: (e.message.source_order, e.is_response, e.message.message_id))
    return sorted(events, key=lambda e: (e.is_response, e.message.message_id))


def ordered_messages(world: World, conversation_id: str, responder: str) -> list[Event]:
    """Eligible inbound messages and responses of a conversation itself, in the order in which they were written (D14).

    What answers what (R1) goes by when they were written; D10 decides from when a clock counts, not what came first.
    """
    merge = world.merge_of.get(conversation_id)
    by_second: dict[int, list[Event]] = {}
    for message in world.messages_of.get(conversation_id, []):
        if message.is_eligible_inbound:
            event = Event(message.published_at, message, is_response=False)
        elif message.is_response(responder):
            event = Event(message.published_at, message, is_response=True)
        else:
            continue
        if merge is None or event.at <= merge.at:
            by_second.setdefault(event.at, []).append(event)
    events = [event for second in sorted(by_second) for event in _one_second(by_second[second])]
    return _put_linked_responses_after_their_message(events)


def _put_linked_responses_after_their_message(events: list[Event]) -> list[Event]:
    """D14, clock skew: a reply that the clock puts before the message it replies to comes right after it."""
    place = {e.message.message_id: i for i, e in enumerate(events) if not e.is_response}
    held: dict[str, list[Event]] = {}
    kept = []
    for index, event in enumerate(events):
        linked = event.message.replies_to
        if event.is_response and linked is not None and place.get(linked, -1) > index:
            answered = events[place[linked]]
            put = Event(answered.at, event.message, True, answered.at > event.at, behind=answered.message)
            held.setdefault(linked, []).append(put)
        else:
            kept.append(event)
    ordered = []
    for event in kept:
        ordered += [event, *held.get(event.message.message_id, [])]
    return ordered


def _entries(world: World, conversation_id: str, subject: str, responder: str) -> list[tuple[int, Arrival]]:
    """Messages that merges bring into a conversation, with the second at which each comes in (D9)."""
    found = []
    for merge in sorted(world.merge_of.values(), key=lambda m: (m.at, m.child)):
        if root_of(world, merge.child, merge.at) != conversation_id or merge.child == conversation_id:
            continue
        moved = _oldest_unanswered(world, merge, subject, responder)
        if moved is not None:
            found.append((merge.at, moved))
    return found


def _oldest_unanswered(world: World, merge: Merge, subject: str, responder: str) -> Arrival | None:
    """The child's message that moves: the oldest of its open turn that nobody has deleted by then."""
    child = world.conversations[merge.child]
    if child.flags or (child.deleted_at is not None and child.deleted_at <= world.as_of):
        return None  # an excluded conversation's messages promise nothing, so nothing of it is unanswered (D8)
    open_turn = next((t for t in turns(world, merge.child, subject, responder) if t.merged_at is not None), None)
    if open_turn is None:
        return None
    for arrival in open_turn.arrivals:
        deleted_at = arrival.message.deleted_at
        if deleted_at is None or deleted_at > merge.at:
            return Arrival(arrival.message, arrival.at, is_moved=True)
    return None


def _messages_and_statuses(
    world: World, conversation_id: str, responder: str
) -> list[tuple[int, Event | StatusChange]]:
    """Messages and status changes in order. In one second: the source's own order where all of them have one, else
    messages first (D14 "Equal seconds: the source's own order; without one, inbound first, status changes after
    messages")."""
    seconds: dict[int, list[Event | StatusChange]] = {}
    for what in [*ordered_messages(world, conversation_id, responder), *own_statuses(world, conversation_id)]:
        seconds.setdefault(what.at, []).append(what)
    found: list[tuple[int, Event | StatusChange]] = []
    for at in sorted(seconds):
        rows = seconds[at]
        if all(what.source_order is not None for what in rows):
            rows.sort(key=lambda what: what.source_order or 0)
        found += [(at, what) for what in rows]
    return found


Step = Arrival | Event | StatusChange | Merge


def steps(world: World, conversation_id: str, subject: str, responder: str) -> list[tuple[int, Step]]:
    """All that happens to a conversation, in order: (second, inbound message, response, status change or own merge).

    Within one second: messages and status changes as `_messages_and_statuses` says, then merges (D14).
    """
    found: list[tuple[int, int, Step]] = []
    for at, what in _messages_and_statuses(world, conversation_id, responder):
        if isinstance(what, Event) and not what.is_response:
            found.append((at, 0, Arrival(what.message, what.message.arrived_at(subject))))
        else:
            found.append((at, 0, what))
    found += [(at, 2, arrival) for at, arrival in _entries(world, conversation_id, subject, responder)]
    if merge := world.merge_of.get(conversation_id):
        found.append((merge.at, 3, merge))
    return [(at, what) for at, _, what in sorted(found, key=lambda step: step[:2])]


def turns(world: World, conversation_id: str, subject: str, responder: str) -> list[Stretch]:
    """The turns of a conversation (D15). The first is first response's, the later ones next response's."""
    found: list[Stretch] = []
    status = None
    for at, what in steps(world, conversation_id, subject, responder):
        current = found[-1] if found and found[-1].stopped_at is None else None
        if isinstance(what, Arrival):
            if current is None:
                current = Stretch("next" if found else "first", what.at)
                found.append(current)
            current.cover(what)
        elif isinstance(what, StatusChange):
            before, status = status, what.to_status
            if current is None or not is_closing(before, status):
                continue
            if current.kind == "next":
                current.stop(at, "closed_without_reply")
            else:
                current.closings.append(at)
        elif current is None:
            continue
        elif isinstance(what, Event):
            current.stop(at, "response", what.message)
            current.is_skewed = current.is_skewed or what.is_skewed
        else:
            current.merged_at = at
    return found


def _comes_before(change: StatusChange, first: Event | None) -> bool:
    """Whether the source puts a status change before the first message, in the same second (D14)."""
    return (
        first is not None
        and change.at == first.at
        and first.message.source_order is not None
        and change.source_order < first.message.source_order
    )


def cycles(world: World, conversation_id: str, subject: str) -> list[Stretch]:
    """Unsolved stretches from the first inbound message on: to the first solved, then from reopening to solved (M3)."""
    own = [e for e in ordered_messages(world, conversation_id, "human") if not e.is_response]
    entries = _entries(world, conversation_id, subject, "human")
    if not own and not entries:
        return []
    # A moved message opens a resolution clock only where the conversation had no message of its own before (D9).
    first = Stretch("cycle", 0)
    counted_from = (own[0].at, 0) if own else (entries[0][0], 2)
    if entries and (not own or entries[0][0] < own[0].at):
        counted_from = (entries[0][0], 2)
        first.cover(entries[0][1])
    # The conversation's first message is the one that was written first, whenever the company's system had it.
    first.arrivals += [Arrival(event.message, event.message.arrived_at(subject)) for event in own]
    first.opened_at = first.arrivals[0].at
    found = [first]
    before = None
    for change in own_statuses(world, conversation_id):
        current = found[-1] if found[-1].stopped_at is None else None
        if (change.at, 1) > counted_from and not _comes_before(change, own[0] if own else None):
            if is_closing(before, change.to_status) and current is not None:
                current.stop(change.at, change.to_status)
            elif is_reopening(before, change.to_status) and current is None:
                found.append(Stretch("cycle", change.at))
        before = change.to_status
    if first.stopped_at is not None:
        first.arrivals = [a for a in first.arrivals if a.is_moved or a.message.published_at <= first.stopped_at]
    merge = world.merge_of.get(conversation_id)
    if merge is not None and found[-1].stopped_at is None:
        found[-1].merged_at = merge.at
    return found


def resolution(world: World, conversation_id: str, subject: str, metric: str) -> list[Stretch]:
    """The stretches of `first_resolution`, and of `full_resolution`, `requester_wait` and `agent_work`, which run
    again while the conversation is reopened: at most one a conversation (M3, M4)."""
    found = cycles(world, conversation_id, subject)
    if not found:
        return []
    whole = found[0]
    whole.kind = "resolution"
    if metric != "first_resolution" and len(found) > 1:
        whole.stopped_at, whole.stop_reason = found[-1].stopped_at, found[-1].stop_reason
        whole.merged_at = found[-1].merged_at
    return [whole]
