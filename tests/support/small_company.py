"""Some hundred conversations of the generated company as records that arrive day by day, and what its days lack.

The last five days bring to conversations of before what can change a figure that stood: merges in both directions and
in chains, reopenings, new priorities, deletions and their undoing, spam and its undoing, other requesters, people whose
role changes, edited and late records, posts that change whose conversation others are in.
"""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from social_sla.landing import LandingRecord
from social_sla.sources.x import TWEET_FIELDS, USER_FIELDS

from sandbox.company import build_company
from sandbox.company.world import Person, Ticket, World
from sandbox.x_store import XStore, render_user, store_of_world
from sandbox.zendesk_metric_events import MetricBook
from sandbox.zendesk_store import EVENT_STRIDE, ZendeskStore, group_json, membership_json

BASE = "https://auroraair.zendesk.com"
BEGIN, END = date(2026, 9, 21), date(2026, 11, 3)
LAST_DAYS = tuple(END - timedelta(days=number) for number in (5, 4, 3, 2, 1))
"""The days that the tests bring one by one; what was before them is the history."""

HISTORY_DAYS = tuple(BEGIN + timedelta(days=number) for number in range((LAST_DAYS[0] - BEGIN).days))
ONE_TICKET_IN, ONE_THREAD_IN = 4, 5
FIELDS = ("id", *TWEET_FIELDS)


@dataclass(frozen=True)
class Arrival:
    """A record and the day whose partition brings it."""

    source: str
    account: str
    stream: str
    day: date
    record: LandingRecord


def instant(at: int) -> datetime:
    """Seconds since 1970 as an aware UTC datetime."""
    return datetime.fromtimestamp(at, UTC)


def seconds(day: date, hour: int = 0) -> int:
    """Seconds since 1970 of an hour of a UTC day."""
    return int(datetime.combine(day, time(hour), UTC).timestamp())


def small_company() -> list[Arrival]:
    """All arrivals, the same in every run; a few seconds."""
    world = _part_of(build_company())
    tickets = _Tickets(world)
    tickets.tell_what_happened()
    tickets.add_what_days_lack()
    return [*tickets.arrivals, *_people(world), *_teams(world), *_posts(store_of_world(world))]


def _part_of(company: World) -> World:
    begin = seconds(BEGIN)
    recent = [ticket for ticket in company.tickets if ticket.created_at >= begin]
    kept = [ticket for ticket in recent if ticket.story or ticket.ticket_id % ONE_TICKET_IN == 0]
    others = [step.other_ticket for ticket in kept for step in ticket.steps if step.other_ticket]
    wanted = {id(ticket) for ticket in [*kept, *others] if ticket.created_at >= begin}
    tickets = [ticket for ticket in recent if id(ticket) in wanted]
    threads: dict[str, int] = {}
    posts = []
    for post in company.posts:
        if post.at >= begin and post.root().at >= begin:
            number = threads.setdefault(post.root().post_id, len(threads))
            if number % ONE_THREAD_IN == 0:
                posts.append(post)
    return replace(company, first_at=begin, tickets=tickets, posts=posts)


@dataclass
class _Tickets:
    """Tickets and their events; `newest` is each ticket's last landed version."""

    world: World
    arrivals: list[Arrival] = field(default_factory=list)
    newest: dict[int, dict[str, Any]] = field(default_factory=dict)
    store: ZendeskStore = field(init=False)
    numbers: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.store = ZendeskStore(self.world)

    def tell_what_happened(self) -> None:
        """Every event on its day, and each ticket as it was at the end of every day on which something happened."""
        for row in self.store.events:
            self._land_event(self.store.event_json(row, has_comments=True))
        for ticket in self.world.tickets:
            days = [_day(step.at) for step in ticket.steps]
            for place, day in enumerate(days):
                if place + 1 == len(days) or days[place + 1] != day:
                    self._land_ticket(self._shown(_until(ticket, place + 1)))
            if ticket.touched_at > ticket.updated_at:
                self._land_ticket(self.newest[ticket.ticket_id] | {"generated_timestamp": ticket.touched_at})
        for index, event in enumerate(self.store.metrics.events):
            shown = self.store.metrics.event_json(index)
            # Some come days later than what they tell.
            day = max(_day(event.at), LAST_DAYS[index % 5] if index % 101 == 0 else BEGIN)
            record = LandingRecord(str(shown["id"]), instant(event.at), json.dumps(shown))
            self.arrivals.append(Arrival("zendesk", "auroraair", "ticket_metric_events", day, record))

    def add_what_days_lack(self) -> None:
        """What the last days bring to tickets to which nothing else happens in them."""
        first, second, third, fourth, fifth = LAST_DAYS
        agent = next(person.person_id for person in self.world.people if person.role == "agent")
        quiet = [ticket for ticket in self.world.tickets if not ticket.story and ticket.touched_at < seconds(first)]
        closed = iter([ticket for ticket in quiet if ticket.values["status"] in ("solved", "closed")])
        # Told anew, so that they are open when the last days begin.
        unanswered = (self._only_asked(ticket) for ticket in closed)

        reopened = next(closed)
        self._update(reopened, seconds(first, 9), reopened.requester_id, "It is back.", status="open")
        self._update(reopened, seconds(third, 10), agent, "Once more.", status="solved")

        hurried = next(unanswered)
        self._update(hurried, seconds(first, 11), agent, priority="urgent")
        self._update(hurried, seconds(fourth, 8), agent, priority="low")

        # Merges: the older into the newer and the other way round, one into one that was answered, and a chain.
        for place, is_reversed in enumerate((False, True)):
            pair = sorted((next(unanswered), next(unanswered)), key=lambda ticket: ticket.created_at)
            child, parent = reversed(pair) if is_reversed else pair
            self._merge(child, parent, seconds((first, third)[place], 12), agent)
            self._update(parent, seconds((fourth, fifth)[place], 12), agent, "For both of you.")
            self._land_ticket(
                self.newest[child.ticket_id] | {"tags": ["late"], "generated_timestamp": seconds(fifth, 3)}
            )
        links = [next(unanswered), next(unanswered), next(unanswered)]
        self._merge(links[0], links[1], seconds(second, 7), agent)
        self._merge(links[1], links[2], seconds(fourth, 7), agent)
        self._update(links[2], seconds(fifth, 7), agent, "That was all of it.", status="pending")
        self._merge(next(unanswered), next(closed), seconds(fifth, 9), agent)

        lost = next(unanswered)
        self._update(lost, seconds(second, 13), agent, status="deleted")
        self._update(lost, seconds(fourth, 13), agent, status="open")
        self._update(next(unanswered), seconds(third, 13), agent, status="deleted")

        junk = next(unanswered)
        self._update(junk, seconds(third, 14), agent, tags=["spam"])
        self._update(junk, seconds(fifth, 14), agent, tags=[])
        self._update(next(unanswered), seconds(second, 14), agent, tags=["spam"])

        handed_on, friend = next(unanswered), next(unanswered)
        self._update(handed_on, seconds(third, 15), agent, requester_id=friend.requester_id)
        self._update(handed_on, seconds(fourth, 15), handed_on.requester_id, "I only sent it.")

        # On no channel until it is an e-mail; then known before its first message, and the other way round.
        found = next(unanswered)
        self._land_ticket(
            self.newest[found.ticket_id] | {"via": {"channel": "api"}, "generated_timestamp": seconds(first, 4)}
        )
        self._land_ticket(
            self.newest[found.ticket_id] | {"via": {"channel": "email"}, "generated_timestamp": seconds(third, 4)}
        )
        self._rewrite(next(unanswered), tickets_on=fourth)
        self._rewrite(next(unanswered), events_on=fourth)
        self._update(next(unanswered), seconds(HISTORY_DAYS[-2], 16), agent, "Answered days ago.", lands_on=third)

        # What was written becomes another thing: no request, an internal note, another ticket's.
        self._rewrite(
            next(unanswered), again_on=second, changes={"plain_body": "Automatic reply: away", "body": "away"}
        )
        self._rewrite(next(closed), again_on=third, changes={"public": False})
        self._rewrite(next(closed), again_on=fourth, belongs_to=next(closed))
        self._chat_without_a_status(agent)

    def _chat_without_a_status(self, agent: int) -> None:
        asked = seconds(HISTORY_DAYS[-3], 12)
        ticket = next(ticket for ticket in self.world.tickets if ticket.channel_id == "zd_chat")
        number = max(self.newest) + 1
        shown = self.newest[ticket.ticket_id] | {"id": number, "status": "open", "tags": []}
        shown |= {"created_at": f"{instant(asked):%Y-%m-%dT%H:%M:%SZ}", "generated_timestamp": asked}
        self._land_ticket(shown)
        for place, author in enumerate((ticket.requester_id, agent)):
            event_id = self._event_id(asked + 30 * place)
            comment = _comment(event_id + 1, author, "Hello?", is_public=True)
            self._land_event(_event(event_id, number, asked + 30 * place, author, [comment]))

    def _update(
        self,
        ticket: Ticket,
        at: int,
        actor: int,
        body: str | None = None,
        *,
        lands_on: date | None = None,
        merged_into: int | None = None,
        **changes: Any,
    ) -> None:
        """One event, and the ticket as it is then."""
        event_id = self._event_id(at)
        children = [] if body is None else [_comment(event_id + 1, actor, body, is_public=merged_into is None)]
        merge = {"via": "Merge", "via_reference_id": merged_into} if merged_into else {"via": "Web form"}
        for place, (name, value) in enumerate(changes.items()):
            children.append({"id": event_id + 2 + place, "event_type": "Change", name: value, **merge})
        self._land_event(_event(event_id, ticket.ticket_id, at, actor, children), lands_on)
        version = {**changes, "updated_at": f"{instant(at):%Y-%m-%dT%H:%M:%SZ}", "generated_timestamp": at}
        self._land_ticket(self.newest[ticket.ticket_id] | version, lands_on)

    def _merge(self, child: Ticket, parent: Ticket, at: int, agent: int) -> None:
        self._update(child, at, agent, "Closed and merged.", merged_into=parent.ticket_id, status="closed")

    def _only_asked(self, ticket: Ticket) -> Ticket:
        """A ticket of which only the creation has happened yet."""
        number = ticket.ticket_id
        keep = ticket.steps[0].at
        self.arrivals = [
            arrival
            for arrival in self.arrivals
            if not (
                (arrival.stream == "ticket_events" and _is_later_event(arrival.record, number, keep))
                or (arrival.stream == "tickets" and arrival.record.record_id == str(number))
            )
        ]
        self._land_ticket(self._shown(_until(ticket, 1)))
        return ticket

    def _rewrite(
        self,
        ticket: Ticket,
        *,
        tickets_on: date | None = None,
        events_on: date | None = None,
        again_on: date | None = None,
        changes: dict[str, Any] | None = None,
        belongs_to: Ticket | None = None,
    ) -> None:
        """The ticket, or its first event, lands on another day; or that event comes again and says something else."""
        for place, arrival in enumerate(list(self.arrivals)):
            is_ticket = arrival.stream == "tickets" and arrival.record.record_id == str(ticket.ticket_id)
            if is_ticket and tickets_on:
                self.arrivals[place] = replace(arrival, day=tickets_on)
            if arrival.stream != "ticket_events":
                continue
            event = json.loads(arrival.record.payload)
            if event["ticket_id"] != ticket.ticket_id:
                continue
            if events_on:
                self.arrivals[place] = replace(arrival, day=events_on)
            if again_on:
                for child in event["child_events"]:
                    if child["event_type"] == "Comment":
                        child |= changes or {}
                event["ticket_id"] = (belongs_to or ticket).ticket_id
                record = replace_record(arrival.record, event, later=timedelta(seconds=1))
                self.arrivals.append(replace(arrival, day=again_on, record=record))
                return

    def _shown(self, ticket: Ticket) -> dict[str, Any]:
        """The ticket with the vendor's own figures of it."""
        metrics = MetricBook([ticket], self.store.people_by_id, ticket.touched_at)
        return self.store.ticket_json(ticket, BASE) | {"metric_set": metrics.metric_set_json(ticket, BASE)}

    def _event_id(self, at: int) -> int:
        """An id between those of the events before and after `at`."""
        before = max((row.event_id for row in self.store.events if row.step.at <= at), default=EVENT_STRIDE)
        self.numbers[before] += 8
        assert self.numbers[before] < EVENT_STRIDE
        return before + self.numbers[before]

    def _land_event(self, event: dict[str, Any], lands_on: date | None = None) -> None:
        record = LandingRecord(str(event["id"]), instant(event["timestamp"]), json.dumps(event))
        self.arrivals.append(
            Arrival("zendesk", "auroraair", "ticket_events", lands_on or _day(event["timestamp"]), record)
        )

    def _land_ticket(self, shown: dict[str, Any], lands_on: date | None = None) -> None:
        shown = copy.deepcopy(shown)
        self.newest[shown["id"]] = shown
        record = LandingRecord(str(shown["id"]), instant(shown["generated_timestamp"]), json.dumps(shown))
        day = lands_on or _day(shown["generated_timestamp"])
        self.arrivals.append(Arrival("zendesk", "auroraair", "tickets", day, record))


def replace_record(record: LandingRecord, shown: dict[str, Any], *, later: timedelta = timedelta(0)) -> LandingRecord:
    """The record with another content."""
    return LandingRecord(record.record_id, record.record_updated_at + later, json.dumps(shown))


def _is_later_event(record: LandingRecord, number: int, keep: int) -> bool:
    return record.record_updated_at > instant(keep) and json.loads(record.payload)["ticket_id"] == number


def _event(event_id: int, ticket_id: int, at: int, actor: int, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": event_id, "ticket_id": ticket_id, "timestamp": at, "updater_id": actor, "child_events": children}


def _comment(comment_id: int, author: int, body: str, *, is_public: bool) -> dict[str, Any]:
    return {
        "id": comment_id,
        "event_type": "Comment",
        "type": "Comment",
        "author_id": author,
        "public": is_public,
        "plain_body": body,
    }


def _until(ticket: Ticket, steps: int) -> Ticket:
    """The ticket as it was after so many steps."""
    before = replace(ticket, steps=ticket.steps[:steps], values={})
    for step in before.steps:
        before.values.update({change.name: change.value for change in step.changes})
    before.touched_at = before.steps[-1].at
    return before


def _day(at: int) -> date:
    return min(max(instant(at).date(), BEGIN), END - timedelta(days=1))


def _people(world: World) -> Iterator[Arrival]:
    """Users; agents log in every day. Some become something else in the last days, one long before it is known."""
    first, second, third, fourth, fifth = LAST_DAYS
    store = ZendeskStore(world)
    numbers = {ticket.requester_id for ticket in world.tickets}
    numbers |= {step.comment.author_id for ticket in world.tickets for step in ticket.steps if step.comment}
    people = [person for person in world.people if person.person_id in numbers or person.role != "end-user"]
    agents = [person for person in people if person.role == "agent"]
    asking = [person for person in people if person.role == "end-user" and not person.is_suspended]

    def version(person: Person, at: int, lands_on: date | None = None, **changes: Any) -> Arrival:
        shown = store.user_json(person, BASE) | changes
        record = LandingRecord(str(person.person_id), instant(at), json.dumps(shown))
        return Arrival("zendesk", "auroraair", "users", lands_on or _day(at), record)

    for person in people:
        at = max(person.created_at, seconds(BEGIN))
        yield version(person, at, suspended=False)
        if person.is_suspended:
            yield version(person, person.updated_at)
    for person in agents:
        for day in LAST_DAYS:
            yield version(person, seconds(day, 6), last_login_at=f"{day}T06:00:00Z")
    yield version(agents[1], seconds(second, 12), role="end-user")
    yield version(agents[2], seconds(first, 12), default_group_id=agents[-1].default_group_id)
    yield version(agents[3], seconds(HISTORY_DAYS[10]), lands_on=fourth, role="end-user")
    yield version(asking[0], seconds(fourth, 12), role="agent")
    yield version(asking[1], seconds(third, 12), suspended=True)
    yield version(asking[1], seconds(fifth, 12), suspended=False)


def _teams(world: World) -> Iterator[Arrival]:
    """Groups and memberships, listed once; one group has another name later."""
    at = instant(seconds(BEGIN))
    for place, group in enumerate(world.groups):
        shown = group_json(group, BASE)
        yield Arrival("zendesk", "auroraair", "groups", BEGIN, LandingRecord(str(shown["id"]), at, json.dumps(shown)))
        if place == 0:
            renamed = LandingRecord(str(shown["id"]), at + timedelta(days=1), json.dumps(shown | {"name": "Renamed"}))
            yield Arrival("zendesk", "auroraair", "groups", LAST_DAYS[2], renamed)
    for membership in world.memberships:
        shown = membership_json(membership, BASE)
        record = LandingRecord(str(shown["id"]), at, json.dumps(shown))
        yield Arrival("zendesk", "auroraair", "group_memberships", BEGIN, record)


def _posts(store: XStore) -> Iterator[Arrival]:
    """Posts on their day; every twelfth comes days late, in all streams, and some come again with another text."""
    rng = Random("late posts")
    own = [user for user in store.users if user.is_own]
    late = {position: rng.choice(LAST_DAYS) for position in range(len(store.tweets)) if rng.random() < 1 / 12}
    edited = {position: rng.choice(LAST_DAYS) for position in range(len(store.tweets)) if rng.random() < 1 / 40}
    for user in own:
        shown = render_user(user, USER_FIELDS)
        record = LandingRecord(user.user_id, instant(seconds(BEGIN)), json.dumps(shown))
        yield Arrival("x", user.username, "accounts", BEGIN, record)
        mentions = set(store.mentions_of(user))
        tweets = {position for position in store.by_author[user.user_id] if position not in store.reposts}
        threads = {store.tweets[position].conversation_id for position in mentions | tweets}
        around = {p for thread in threads for p in store.by_conversation[thread] if p not in store.reposts}
        for stream, positions in (("mentions", mentions), ("tweets", tweets), ("conversations", around)):
            yield from _stream_of(store, user.username, stream, sorted(positions), late, edited)


def _stream_of(
    store: XStore, account: str, stream: str, positions: Iterable[int], late: dict[int, date], edited: dict[int, date]
) -> Iterator[Arrival]:
    for position in positions:
        tweet = store.tweets[position]
        shown = store.render(position, FIELDS)
        day = max(late.get(position, BEGIN), _day(tweet.at))
        record = LandingRecord(tweet.tweet_id, instant(tweet.at), json.dumps(shown))
        yield Arrival("x", account, stream, day, record)
        if position in edited:
            # The answer's handles are gone: it may speak to nobody of ours any more.
            shown = {key: value for key, value in shown.items() if key not in ("entities", "in_reply_to_user_id")}
            later = replace_record(record, shown | {"text": "We have received your message"}, later=timedelta(hours=1))
            yield Arrival("x", account, stream, max(day, edited[position]), later)
