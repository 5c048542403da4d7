"""A second, slow calculator of the generated company's clocks, from the served records alone.

Business time is walked date by date through the local blocks. It is written from docs/definitions.md (D1-D19, R1-R3,
M1-M3, M6) for the goals that the stories of docs/sandbox.md name.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

AS_OF = int(datetime(2026, 11, 3, tzinfo=UTC).timestamp())
HOUR = 3600
WEEK = range(5)
US_DAYS = frozenset(holidays.country_holidays("US", years=[2025, 2026, 2027]))
ZONES = {
    "x_global": "Europe/London",
    "x_spain": "Europe/Madrid",
    "x_australia": "Australia/Sydney",
    "zd_email": "America/New_York",
    "zd_chat": "Europe/Berlin",
}


def _blocks(channel: str, day: date) -> list[tuple[time, time, int]]:
    """Open blocks of a local date: opening, closing, days until the closing."""
    weekday = day.weekday()
    if channel == "x_global":
        return [(time(8), time(22), 0)]
    if channel == "x_spain":
        return [(time(9), time(14), 0), (time(16), time(19), 0)] if weekday in WEEK else []
    if channel == "x_australia":
        return [(time(8), time(18), 0)] if weekday in WEEK else []
    if channel == "zd_email":
        if day in US_DAYS:
            return []
        return [(time(9), time(17), 0)] if weekday in WEEK else [(time(10), time(14), 0)] if weekday == 5 else []
    night = [(time(18), time(2), 1)]
    return [(time(9), time(17), 0), *night] if weekday in WEEK else night


@cache
def _opened(channel: str, day: date) -> tuple[tuple[int, int], ...]:
    zone = ZoneInfo(ZONES[channel])
    return tuple(
        (
            int(datetime.combine(day, opens, zone).timestamp()),
            int(datetime.combine(day + timedelta(days=days), closes, zone).timestamp()),
        )
        for opens, closes, days in _blocks(channel, day)
    )


def _local_date(channel: str, at: int) -> date:
    return datetime.fromtimestamp(at, ZoneInfo(ZONES[channel])).date()


def open_seconds(channel: str, start: int, stop: int) -> int:
    """Seconds in [start, stop) in which the team works."""
    day, total = _local_date(channel, start) - timedelta(days=1), 0
    last = _local_date(channel, stop)
    while day <= last:
        total += sum(max(0, min(stop, b) - max(start, a)) for a, b in _opened(channel, day))
        day += timedelta(days=1)
    return total


def due(channel: str, start: int, seconds: int) -> int:
    """First instant at which `seconds` open seconds have passed since `start`."""
    day = _local_date(channel, start) - timedelta(days=1)
    while True:
        for opens_at, closes_at in _opened(channel, day):
            begin = max(opens_at, start)
            if closes_at > begin:
                if closes_at - begin >= seconds:
                    return begin + seconds
                seconds -= closes_at - begin
        day += timedelta(days=1)


def business_days(channel: str, start: int, count: int) -> int:
    """Open seconds of the scheduled day of the first open second, and of the next ones."""
    day, found, total = _local_date(channel, start) - timedelta(days=1), 0, 0
    while found < count:
        rows = _opened(channel, day)
        if rows and (found or rows[-1][1] > start):
            found += 1
            total += sum(b - a for a, b in rows)
        day += timedelta(days=1)
    return total


@dataclass
class Score:
    """Decided clocks by local month: met and missed."""

    met: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    missed: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, channel: str, decided_at: int, is_met: bool) -> None:
        (self.met if is_met else self.missed)[_local_date(channel, decided_at).strftime("%Y-%m")] += 1

    def months(self) -> dict[str, tuple[int, float]]:
        """Month to (decided, attainment)."""
        names = sorted({*self.met, *self.missed})
        return {n: (self.met[n] + self.missed[n], self.met[n] / (self.met[n] + self.missed[n])) for n in names}


Scores = dict[tuple[str, str], Score]


def _decide(score: Score, channel: str, start: int, target: int, stop: int | None, closed: int | None) -> None:
    """One response clock; `closed` is when the ticket was closed without an answer."""
    due_at = due(channel, start, target)
    if stop is not None and open_seconds(channel, start, stop) <= target:
        score.add(channel, stop, True)
    elif (stop is not None and stop > due_at) or due_at < AS_OF:
        if stop is None and closed is not None and closed <= due_at:
            return
        score.add(channel, due_at, False)


@dataclass
class Story:
    """What happened in one ticket, in order."""

    inbound: list[int] = field(default_factory=list)
    replies: list[int] = field(default_factory=list)
    statuses: list[tuple[int, str]] = field(default_factory=list)
    priorities: list[tuple[int, str | None]] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)


def ticket_scores(tickets: list[dict[str, Any]], events: list[dict[str, Any]], bot_id: int) -> Scores:
    """Scores of zd_email and zd_chat from the served tickets and events."""
    by_ticket: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in {e["id"]: e for e in events}.values():
        by_ticket[event["ticket_id"]].append(event)
    scores: Scores = defaultdict(Score)
    for ticket in tickets:
        tags = ticket["tags"]
        if ticket["status"] == "deleted" or not {"spam", "test", "closed_by_merge"}.isdisjoint(tags):
            continue
        channel = "zd_email" if ticket["via"]["channel"] in ("email", "web") else "zd_chat"
        story = _story(ticket, sorted(by_ticket[ticket["id"]], key=lambda e: (e["timestamp"], e["id"])), bot_id)
        if story.inbound:
            _score_ticket(scores, channel, story)
    return scores


def _story(ticket: dict[str, Any], events: list[dict[str, Any]], bot_id: int) -> Story:
    story = Story()
    for event in events:
        at = event["timestamp"]
        for child in event["child_events"]:
            kind = child["event_type"]
            if kind == "Comment":
                via = child["via"]
                if via == "Merge" or (isinstance(via, dict) and via["channel"] == "merge"):
                    continue
                if child["author_id"] == ticket["requester_id"]:
                    if not child["body"].startswith("Automatic reply:"):
                        story.inbound.append(at)
                elif child["public"] and child["author_id"] != bot_id:
                    story.replies.append(at)
            elif kind in ("Create", "Change") and "status" in child:
                story.statuses.append((at, child["status"]))
            elif kind in ("Create", "Change") and "priority" in child:
                story.priorities.append((at, child["priority"]))
    return story


def _score_ticket(scores: Scores, channel: str, story: Story) -> None:
    start = story.inbound[0]
    stop = next((at for at in story.replies if at > start), None)
    closings = _closings(story)
    closed = next((at for at in closings if at > start), None) if stop is None else None
    if channel == "zd_chat":
        _decide(scores[channel, "first_response"], channel, start, 600, stop, closed)
    else:
        _first_email(scores[channel, "first_response"], story, start, stop, closed)
        _resolution(scores, channel, story, start)
    limit = 1800 if channel == "zd_chat" else 8 * HOUR
    answered = stop
    while answered is not None:
        begin = next((at for at in story.inbound if at > answered), None)
        if begin is None:
            break
        stop = next((at for at in story.replies if at > begin), None)
        closed = next((at for at in closings if at > begin and (stop is None or at < stop)), None)
        if closed is not None:
            if open_seconds(channel, begin, closed) > limit:
                scores[channel, "next_response"].add(channel, due(channel, begin, limit), False)
            answered = closed
            continue
        _decide(scores[channel, "next_response"], channel, begin, limit, stop, None)
        answered = stop


def _closings(story: Story) -> list[int]:
    found, before = [], "new"
    for at, status in story.statuses:
        if status in ("solved", "closed") and before not in ("solved", "closed"):
            found.append(at)
        before = status
    return found


def _first_email(score: Score, story: Story, start: int, stop: int | None, closed: int | None) -> None:
    """Target by the priority at the start, moved by each change before the stop (D19)."""
    target: int | None = None
    for at, priority in story.priorities:
        if priority is None or (stop is not None and at >= stop):
            continue
        if target is not None and at > start and open_seconds("zd_email", start, at) > target:
            break
        hours = {"urgent": HOUR, "high": 2 * HOUR, "normal": 4 * HOUR}
        target = hours[priority] if priority in hours else business_days("zd_email", start, 1)
    if target is not None:
        _decide(score, "zd_email", start, target, stop, closed)


def _resolution(scores: Scores, channel: str, story: Story, start: int) -> None:
    """Last solved minus first inbound without pending; with and without the stretches in which it was solved."""
    target = business_days(channel, start, 5)
    ends = [*story.statuses[1:], (AS_OF, "")]
    for name, paused in (
        ("full_resolution", ("pending",)),
        ("full_resolution_open_only", ("pending", "solved", "closed")),
    ):
        last = max(_closings(story), default=None) if story.statuses[-1][1] in ("solved", "closed") else None
        elapsed, decided = 0, None
        for (begin, status), (end, _) in zip(story.statuses, ends, strict=True):
            begin, end = max(begin, start), min(end, AS_OF if last is None else last)
            if end <= begin or status in paused:
                continue
            spent = open_seconds(channel, begin, end)
            if elapsed + spent > target and decided is None:
                decided = due(channel, begin, target - elapsed)
            elapsed += spent
        if decided is not None:
            scores[channel, name].add(channel, decided, False)
        elif last is not None:
            scores[channel, name].add(channel, last, True)


def tweet_scores(tweets: list[dict[str, Any]], own: dict[str, str]) -> Scores:
    """Scores of the X channels from the served tweets; `own` is account id to channel."""
    scores: Scores = defaultdict(Score)
    by_id = {t["id"]: t for t in tweets}
    threads: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for tweet in sorted(by_id.values(), key=lambda t: int(t["id"])):
        threads[tweet["conversation_id"]].append(tweet)
    handles = {"x_global": "@auroraair", "x_spain": "@auroraaires", "x_australia": "@auroraairau"}
    # Whom the company answers speaks to it, also when the post that named it has been deleted since.
    answered = {
        reference["id"]: own[tweet["author_id"]]
        for tweet in by_id.values()
        if tweet["author_id"] in own
        for reference in tweet.get("referenced_tweets", [])
        if reference["type"] == "replied_to"
    }
    for thread in threads.values():
        cases: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
        for tweet in thread:
            if any(r["type"] == "retweeted" for r in tweet.get("referenced_tweets", [])):
                continue
            author, at = tweet["author_id"], int(datetime.fromisoformat(tweet["created_at"]).timestamp())
            if author in own:
                if "We have received your message" not in tweet["text"] and "in_reply_to_user_id" in tweet:
                    case = cases.get((own[author], tweet["in_reply_to_user_id"]))
                    if case:
                        case[1].append(at)
                continue
            words = tweet["text"].lower().split()
            named = (
                next((c for c, h in handles.items() if h in words), None)
                or own.get(tweet.get("in_reply_to_user_id", ""))
                or answered.get(tweet["id"])
            )
            known = next((key for key in cases if key[1] == author), None)
            if known is None and named is None:
                continue
            cases.setdefault(known or (named or "", author), ([], []))[0].append(at)
        for (channel, _), (inbound, replies) in cases.items():
            _score_thread(scores, channel, inbound, replies)
    return scores


def _score_thread(scores: Scores, channel: str, inbound: list[int], replies: list[int]) -> None:
    targets = {"x_global": (HOUR, 2 * HOUR), "x_spain": (4 * HOUR, None), "x_australia": (2 * HOUR, None)}[channel]
    begin: int | None = inbound[0]
    goal, target = "first_response", targets[0]
    while begin is not None:
        stop = next((at for at in replies if at > begin), None)
        if target is not None:
            _decide(scores[channel, goal], channel, begin, target, stop, None)
        if stop is None:
            return
        begin = next((at for at in inbound if at > stop), None)
        goal, target = "next_response", targets[1]
