"""What a story leaves open, and when that is due: by our definitions, or with rules of Request Tracker's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.servers.counting import Rule, due, instant, open_seconds
from tests.servers.stories import Story


def seconds(moment: datetime | None) -> int | None:
    """Seconds since 1970 of a UTC time; RT's 1970 is none."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp()) if aware.timestamp() > 0 else None


@dataclass(frozen=True)
class Turn:
    """What is open at the end of a story: since when it counts, what was left out since, and whether it still is."""

    start: int
    paused: int
    is_paused: bool


def open_turn(story: Story) -> Turn | None:
    """What the level promises still, at the end of the story; None: nothing."""
    level = story.level
    hours = level.hours if level.is_business else None
    start: int | None = None
    paused, paused_since = 0, None
    for local, what in story.events:
        moment = instant(level.hours.timezone, local)
        if level.kind == "Response":
            start = (moment if start is None else start) if what == "customer" else None
        elif level.kind == "KeepInLoop":
            start = moment if what == "agent" else start
        elif start is None:
            start = moment
        if what == "stalled":
            paused_since = moment
        elif paused_since is not None:
            paused, paused_since = paused + open_seconds(hours, paused_since, moment), None
    return None if start is None else Turn(start, paused, paused_since is not None)


def expected(story: Story, rules: tuple[Rule, ...] = ()) -> int | None:
    """When the story's promise is due: by our definitions, or with rules of RT's."""
    turn, level = open_turn(story), story.level
    if turn is None or turn.is_paused:  # D17
        return None
    more = 1 if Rule.PAUSE_END in rules else 0
    hours = level.hours if level.is_business else None
    return due(hours, turn.start, level.minutes * 60 + turn.paused + more, rules)


def words(story: Story) -> str:
    """For a message."""
    return f"{story.level.queue} ({story.level.hours.timezone}): {', '.join(' '.join(event) for event in story.events)}"
