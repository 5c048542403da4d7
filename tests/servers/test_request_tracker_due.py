"""Due times: Request Tracker computes its own, and ours are the same but for what a named rule explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.servers.conftest import Measured, Played
from tests.servers.counting import Rule, due, instant, open_seconds
from tests.servers.stories import LEVELS, STORIES, Story

pytestmark = pytest.mark.timeout(1800)


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


@pytest.fixture(scope="session")
def rt_due(played: Played) -> dict[int, int | None]:
    """RT's own due times."""
    shown = {number: played.server.call("GET", f"ticket/{number}")["Due"] for number in played.tickets}
    return {number: seconds(datetime.fromisoformat(text)) for number, text in shown.items()}


@pytest.fixture(scope="session")
def our_due(measured: Measured) -> dict[int, int | None]:
    """Ours, of the one clock that is still without a stop; tickets without such a clock are missing."""
    rows = measured.warehouse.execute(
        """
        select cast(source_conversation_id as integer), due_at
        from marts.fct_sla_clock
        where stopped_at is null and outcome <> 'excluded'
        """
    ).fetchall()
    assert len({number for number, _ in rows}) == len(rows), "a ticket has two clocks without a stop"
    return {number: seconds(moment) for number, moment in rows if number in measured.played.tickets}


def of_each(played: Played) -> Iterator[tuple[int, Story]]:
    yield from played.tickets.items()


def test_there_is_enough_to_compare() -> None:
    assert len(STORIES) >= 80
    assert {story.level.id for story in STORIES} == {level.id for level in LEVELS}
    assert {rule for story in STORIES for rule in story.differs} == set(Rule)
    assert sum(not story.differs for story in STORIES) >= 60


def test_ours_are_those_of_the_definitions(played: Played, our_due: dict[int, int | None]) -> None:
    for number, story in of_each(played):
        if open_turn(story) is None:
            assert number not in our_due, words(story)
        else:
            assert number in our_due, words(story)
            assert our_due[number] == expected(story), words(story)


def test_every_difference_has_a_named_reason(
    played: Played, rt_due: dict[int, int | None], our_due: dict[int, int | None]
) -> None:
    """RT's due time is ours where nothing is named, and else what exactly the named rules make of it."""
    for number, story in of_each(played):
        theirs = rt_due[number]
        if not story.differs:
            assert our_due.get(number) == theirs, words(story)
            continue
        assert our_due[number] != theirs, f"no difference, but one is named: {words(story)}"
        assert theirs == expected(story, story.differs), words(story)
        for rule in story.differs:
            others = tuple(other for other in story.differs if other is not rule)
            assert theirs != expected(story, others), f"{rule.name} explains nothing: {words(story)}"


def test_the_vendors_own_figures_land(measured: Measured, rt_due: dict[int, int | None]) -> None:
    rows = measured.warehouse.execute(
        "select cast(ticket_id as integer), sla_level, due_at from staging.stg_request_tracker__tickets"
    ).fetchall()
    landed = {number: (level, seconds(moment)) for number, level, moment in rows}
    for number, story in of_each(measured.played):
        assert landed[number] == (story.level.id, rt_due[number]), words(story)
