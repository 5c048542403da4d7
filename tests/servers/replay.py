"""Real public messages, written again on a Bluesky network at their own times.

Threads, authors and times are the file's; ids and handles are Bluesky's. Who is named is mentioned; where only one
company is in a thread, the text of every third post that begins one has the handle written out instead.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.e2e.test_real_messages import Tweet, root
from tests.servers.bluesky_network import Network, Person, Post

_NAMED = re.compile(rb"@([A-Za-z0-9_]+)")
_LONGEST_TEXT = 300
_AT_ONCE = 4


@dataclass
class Replayed:
    """`people` by the file's authors (lower case), `posts` by its ids; `written_out`: posts without a mention."""

    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    written_out: set[str] = field(default_factory=set)


def replay(network: Network, tweets: Mapping[str, Tweet]) -> Replayed:
    """Writes all of it: accounts, threads, likes and reposts of what nobody has answered (R1: no responses).

    An answer is written when the AppView has what it answers: else nobody would be notified of it. What an answer of
    the file answers and the file does not have is written by a stranger, and deleted in the end.
    """
    replayed = Replayed()
    if not tweets:
        return replayed
    threads = threads_of(tweets)
    companies = {tweet.author.lower() for tweet in tweets.values() if not tweet.is_inbound}
    customers = {tweet.author.lower() for tweet in tweets.values()} - companies
    names = {author: f"company{number}" for number, author in enumerate(sorted(companies), 1)}
    names |= {author: f"customer{number}" for number, author in enumerate(sorted(customers), 1)}
    written_out = texts_with_handles(threads, {author: f"{names[author]}.test" for author in companies})
    replayed.written_out = set(written_out)
    times = {name: at for members in threads.values() for name, at in times_of(members).items()}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        replayed.people = dict(zip(names, pool.map(network.join, names.values()), strict=True))
        stranger = network.join("stranger")
        missing = {tweet.parent: tweet for tweet in tweets.values() if tweet.parent and tweet.parent not in tweets}
        gone = {
            name: network.post(stranger, "Gone.", times[tweet.id] - timedelta(minutes=1))
            for name, tweet in missing.items()
        }

        def write(tweet: Tweet) -> None:
            text = written_out.get(tweet.id)
            replayed.posts[tweet.id] = network.post(
                replayed.people[tweet.author.lower()],
                text or tweet.text,
                times[tweet.id],
                answers=replayed.posts.get(tweet.parent or "") or gone.get(tweet.parent or ""),
                mentions=[] if text else mentions(tweet.text, replayed.people),
            )

        left = list(tweets.values())
        while left:
            network.settle()
            ready = [tweet for tweet in left if tweet.parent not in tweets or tweet.parent in replayed.posts]
            left = [tweet for tweet in left if tweet not in ready]
            list(pool.map(write, ready))
        network.settle()
        for post in gone.values():
            network.delete(stranger, post)

        def react(members: list[Tweet]) -> None:
            answered = {tweet.parent for tweet in members}
            company = next((tweet.author.lower() for tweet in members if not tweet.is_inbound), None)
            for tweet in members:
                if company and tweet.is_inbound and tweet.id not in answered:
                    after = times[tweet.id] + timedelta(seconds=5)
                    network.like(replayed.people[company], replayed.posts[tweet.id], after)
                    network.repost(replayed.people[company], replayed.posts[tweet.id], after)

        list(pool.map(react, threads.values()))
    return replayed


def threads_of(tweets: Mapping[str, Tweet]) -> dict[str, list[Tweet]]:
    """First post → all posts of the thread, in their order."""
    known = dict(tweets)
    found: dict[str, list[Tweet]] = defaultdict(list)
    for tweet in sorted(known.values(), key=lambda tweet: (tweet.at, int(tweet.id))):
        found[root(known, tweet)].append(tweet)
    return found


def times_of(members: list[Tweet]) -> dict[str, datetime]:
    """Posts of one second get milliseconds in the thread's order: Bluesky's ids have none."""
    seen: Counter[int] = Counter()
    times = {}
    for tweet in members:
        times[tweet.id] = datetime.fromtimestamp(tweet.at, UTC) + timedelta(milliseconds=seen[tweet.at])
        seen[tweet.at] += 1
    return times


def mentions(text: str, people: Mapping[str, Person]) -> list[tuple[int, int, Person]]:
    """From and to byte of each `@name` of somebody who is here."""
    found = [(match, people.get(match[1].decode().lower())) for match in _NAMED.finditer(text.encode())]
    return [(match.start(), match.end(), person) for match, person in found if person is not None]


def texts_with_handles(threads: Mapping[str, list[Tweet]], handles: Mapping[str, str]) -> dict[str, str]:
    """For every third thread that names one company, and has no other: its first post with the handle written out."""
    found = {}
    for members in list(threads.values())[::3]:
        first = members[0]
        named = {match[1].decode().lower() for match in _NAMED.finditer(first.text.encode())} & set(handles)
        others = {member.author.lower() for member in members} & set(handles) - named
        if not first.is_inbound or first.parent is not None or len(named) != 1 or others:
            continue
        (company,) = named
        pattern = rf"@{company}(?![A-Za-z0-9_])"
        text = re.sub(pattern, f"@{handles[company]}", first.text, flags=re.IGNORECASE)
        if len(text) <= _LONGEST_TEXT:
            found[first.id] = text
    return found
