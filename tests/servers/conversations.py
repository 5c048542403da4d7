"""What happens on Bluesky: customers, a company, and others who talk along, like and repost. Times are UTC.

A conversation is told in lines of `<name> <time> <who> <what>`: a post has a name, which a later line can answer
(`to <name>`), quote (`quoting <name>`), like (`like <name>`), repost or delete. `naming <company>` is a mention,
`writing <company>` the handle in the text that no program turned into a mention.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.servers.bluesky_network import Network, Person, Post

COMPANY, SISTER = COMPANIES = ("aurora", "cargo")


@dataclass(frozen=True)
class Expected:
    """The first-response clock that a customer's post starts: seconds to the first answer (None: there is none)."""

    post: str
    seconds: int | None
    outcome: str
    company: str = COMPANY


@dataclass(frozen=True)
class Conversation:
    """`lines` as above. `outside`: posts that are no messages of ours; `talking_along`: of another customer, in
    a conversation that is not theirs (D15)."""

    title: str
    lines: tuple[str, ...]
    expected: tuple[Expected, ...] = ()
    outside: tuple[str, ...] = ()
    talking_along: tuple[str, ...] = ()


CONVERSATIONS = (
    Conversation(
        "a mention is answered; a stranger's answer, likes and reposts are none (R1)",
        (
            "a1 2017-11-06T09:00:00 ana naming aurora",
            "a2 2017-11-06T09:01:00 ben to a1",
            "-- 2017-11-06T09:02:00 aurora like a1",
            "-- 2017-11-06T09:03:00 aurora repost a1",
            "-- 2017-11-06T09:04:00 ben like a1",
            "a3 2017-11-06T09:05:07 aurora to a1",
            "-- 2017-11-06T09:06:00 ana like a3",
        ),
        (Expected("a1", 307, "met"),),
        talking_along=("a2",),
    ),
    Conversation(
        "a handle that is only written out is found by the search",
        ("b1 2017-11-07T22:00:00 carl writing aurora", "b2 2017-11-08T07:15:30 aurora to b1"),
        (Expected("b1", 33330, "missed"),),
    ),
    Conversation(
        "the company begins: a clock for each customer who answers, and from then on (M1, D15)",
        (
            "c1 2017-11-08T10:00:00 aurora",
            "c2 2017-11-08T10:30:00 dora to c1",
            "c3 2017-11-08T10:45:10 aurora to c2",
            "c4 2017-11-08T11:00:00 ben to c1",
            "-- 2017-11-08T11:00:30 aurora like c4",
        ),
        (Expected("c2", 910, "met"), Expected("c4", None, "missed")),
    ),
    Conversation(
        "several posts in a row are one turn (D15), also over midnight",
        (
            "d1 2017-11-09T23:50:00 emil naming aurora",
            "d2 2017-11-09T23:58:00 emil to d1",
            "d3 2017-11-10T00:20:00 aurora to d2",
        ),
        (Expected("d1", 1800, "met"),),
    ),
    Conversation(
        "who is answered unasked has a conversation too (D15)",
        ("e1 2017-11-10T08:00:00 fay", "e2 2017-11-10T08:20:00 aurora to e1"),
        (Expected("e1", 1200, "met"),),
    ),
    Conversation(
        "a quote of our post speaks to us only if it names us",
        (
            "f1 2017-11-11T10:00:00 aurora",
            "f2 2017-11-11T11:00:00 gus quoting f1",
            "f3 2017-11-11T12:00:00 hana quoting f1 naming aurora",
            "f4 2017-11-11T13:00:00 aurora to f3",
        ),
        (Expected("f3", 3600, "met"),),
        outside=("f2",),
    ),
    Conversation(
        "a second too late",
        ("g1 2017-11-12T10:00:00 ivy naming aurora", "g2 2017-11-12T11:00:01 aurora to g1"),
        (Expected("g1", 3601, "missed"),),
    ),
    Conversation(
        "what is not said to us",
        ("h1 2017-11-13T10:00:00 jon", "h2 2017-11-13T10:01:00 ben to h1", "-- 2017-11-13T10:02:00 aurora like h1"),
        outside=("h1", "h2"),
    ),
    Conversation(
        "instants are floored to seconds (D12)",
        ("i1 2017-11-14T10:00:00.900 kim naming aurora", "i2 2017-11-14T10:00:30.100 aurora to i1"),
        (Expected("i1", 30, "met"),),
    ),
    Conversation(
        "the post that began the thread is gone",
        (
            "j1 2017-11-15T09:00:00 ben",
            "j2 2017-11-15T10:00:00 pat to j1 naming aurora",
            "-- 2017-11-15T10:00:30 ben delete j1",
            "j3 2017-11-15T10:01:00 aurora to j2",
        ),
        (Expected("j2", 60, "met"),),
        outside=("j1",),
    ),
    Conversation(
        "what is said to a sister company, in the same thread, is said to her only",
        (
            "p1 2017-11-16T09:00:00 quinn writing cargo",
            "p2 2017-11-16T09:10:00 quinn to p1 naming aurora",
            "p3 2017-11-16T09:20:30 aurora to p2",
        ),
        (Expected("p2", 630, "met"), Expected("p1", None, "missed", SISTER)),
        outside=("p1",),
    ),
    Conversation(
        "nobody answers, though the company likes it",
        ("k1 2017-12-02T10:00:00 ola naming aurora", "-- 2017-12-02T10:00:10 aurora like k1"),
        (Expected("k1", None, "missed"),),
    ),
    # What is deleted later on (DELETIONS), and what that changes (D16).
    Conversation(
        "deleted before it was due: excluded",
        ("l1 2017-12-03T23:50:00 leo naming aurora",),
        (Expected("l1", None, "excluded"),),
    ),
    Conversation(
        "deleted after the answer, the answer too: it still counts",
        ("m1 2017-12-03T23:40:00 mia naming aurora", "m2 2017-12-03T23:45:00 aurora to m1"),
        (Expected("m1", 300, "met"),),
    ),
    Conversation(
        "deleted after it was due: missed",
        ("n1 2017-12-03T20:00:00 nia naming aurora",),
        (Expected("n1", None, "missed"),),
    ),
)
DELETIONS = ("l1", "m1", "m2", "n1")


@dataclass
class Played:
    """What was written: people and posts by their names."""

    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    authors: dict[str, Person] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)

    def delete(self, network: Network, name: str) -> None:
        network.delete(self.authors[name], self.posts[name])


def play(network: Network) -> Played:
    """All conversations, line by line."""
    played = Played(people={name: network.join(name) for name in COMPANIES})
    for name, at, who, what in lines():
        if who not in played.people:
            played.people[who] = network.join(who)
        if {"to", "quoting"} & set(what):
            network.settle()  # the AppView has to have seen what is answered, or nobody is notified
        _do(network, played, name, at, who, what)
    return played


def lines() -> Iterator[tuple[str, str, str, list[str]]]:
    """The lines, in parts."""
    for conversation in CONVERSATIONS:
        for line in conversation.lines:
            name, at, who, *what = line.split()
            yield name, at, who, what


def _do(network: Network, played: Played, name: str, at: str, who: str, what: list[str]) -> None:
    person = played.people[who]
    others = dict(zip(what[::2], what[1::2], strict=True))
    if "like" in others:
        network.like(person, played.posts[others["like"]], at)
    elif "repost" in others:
        network.repost(person, played.posts[others["repost"]], at)
    elif "delete" in others:
        played.delete(network, others["delete"])
    else:
        named = others.get("naming") or others.get("writing")
        handle = f"@{played.people[named].handle}" if named else ""
        quoted, answered = others.get("quoting"), others.get("to")
        played.posts[name] = network.post(
            person,
            f"{handle} where is my suitcase?" if named else "On my way.",
            at,
            answers=played.posts[answered] if answered else None,
            mentions=[(0, len(handle), played.people[others["naming"]])] if "naming" in others else [],
            quotes=played.posts[quoted] if quoted else None,
        )
        played.authors[name] = person
        played.times[name] = datetime.fromisoformat(at).replace(tzinfo=UTC)
