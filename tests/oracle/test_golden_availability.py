"""Hand-worked support availability (M14): one channel, an hour's gap, days of March 2026 (see story.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.oracle.availability import support_months, waits
from tests.oracle.hours import Hours
from tests.oracle.model import Block, EffectivePart, Schedule
from tests.oracle.story import ALWAYS, DAY, HOUR, MINUTE, OFFICE, Story, goal, on, weekdays

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
NIGHT = Schedule("night", "UTC", (EffectivePart(weekdays(("22:00", "06:00"), days=range(7))),))
#: Open through the night in which Berlin's clocks go from 02:00 to 03:00, on 29 March.
BERLIN = Schedule("berlin", "Europe/Berlin", (EffectivePart({6: (Block("00:00", "06:00"),)}),))
DAY_OFF = 8 * HOUR


def story(as_of: int = on(20), zone: str = "UTC") -> Story:
    told = Story(goal("first_response", schedule_id=None), as_of=as_of, schedules=(OFFICE, ALWAYS, NIGHT, BERLIN))
    told.world.agreements = [replace(told.world.agreements[0], zone=zone)]
    return told


def months(told: Story, schedule_id: str | None = "office") -> dict[date, tuple[int, int, int]]:
    """Promised, work and staffed seconds of each month from March on."""
    world = replace(told.world)
    hours = Hours(world.schedules[schedule_id]) if schedule_id else None
    return {
        row.period: (row.promised_seconds, row.work_seconds, row.staffed_seconds)
        for row in support_months(world, lambda version: hours)
        if row.period >= MARCH
    }


def answered_within_the_gap() -> Story:
    """Monday 2 March, 09:30 to 10:10."""
    return story().customer(on(2, "09:30")).agent(on(2, "10:10"))


def answered_after_it() -> Story:
    """09:30 to 12:00: staffed until 10:30."""
    return story().customer(on(2, "09:30")).agent(on(2, "12:00"))


def seen_elsewhere() -> Story:
    """Asked at 09:30, answered at 12:00; at 10:15 a note in another conversation, so staffed until 11:15."""
    told = story().customer(on(2, "09:30")).agent(on(2, "12:00"))
    return told.say(on(2, "10:15"), "person", "internal", "other")


def a_robot_is_no_person() -> Story:
    """As answered_after_it, with an automatic reply at 10:15 and a message of nobody's."""
    told = story().customer(on(2, "09:30")).agent(on(2, "12:00"))
    return told.say(on(2, "10:15"), "auto_reply", "outbound").say(on(2, "10:20"), "system", "internal")


def over_night() -> Story:
    """Asked at 16:40, answered the next day at 09:50: 20 minutes of the gap are gone at closing, so until 09:40."""
    return story().customer(on(2, "16:40")).agent(on(3, "09:50"))


def asked_at_night() -> Story:
    """Asked at 22:00, answered at 09:50: closed hours use nothing up."""
    return story().customer(on(2, "22:00")).agent(on(3, "09:50"))


def two_customers_at_once() -> Story:
    """The first waits from 09:00 to 11:00, the second from 10:00 to 12:00: one stretch of work; a person at 11:00."""
    told = story().customer(on(2, "09:00"), "a").agent(on(2, "11:00"), "a")
    return told.customer(on(2, "10:00"), "b").agent(on(2, "12:00"), "b")


def closed_without_an_answer() -> Story:
    """Solved at 10:20 without a word: nobody waits any more."""
    return story().customer(on(2, "09:30")).status(on(2, "10:20"), "solved")


def never_answered() -> Story:
    """Asked on Monday 2 March 09:00 and never answered: work for a week, five days of eight hours, staffed for one."""
    return story().customer(on(2, "09:00"))


def spam() -> Story:
    """What is excluded is no work."""
    return story().customer(on(2, "09:30")).conversation("c", flags=frozenset({"spam"}))


def deleted() -> Story:
    """Deleted at 10:00, half an hour after it was written."""
    return story().customer(on(2, "09:30"), deleted_at=on(2, "10:00"))


def merged() -> Story:
    """The child's message waits on in the parent, until 11:00: 09:30 to 11:00, in one piece."""
    told = story().customer(on(2, "09:30"), "child").conversation("parent")
    return told.merge("child", "parent", on(2, "10:00")).agent(on(2, "11:00"), "parent")


def still_waiting() -> Story:
    """as_of is Monday 2 March 11:00: asked at 09:30, an hour of the two and a half promised."""
    return story(as_of=on(2, "11:00")).customer(on(2, "09:30"))


PROMISED = 14 * DAY_OFF  # the 14 working days from 2 to 19 March; as_of is the 20th, 00:00

CASES: list[tuple[Callable[[], Story], str | None, dict[date, tuple[int, int, int]]]] = [
    (story, "office", {MARCH: (PROMISED, 0, 0)}),
    (answered_within_the_gap, "office", {MARCH: (PROMISED, 40 * MINUTE, 40 * MINUTE)}),
    (answered_after_it, "office", {MARCH: (PROMISED, 150 * MINUTE, HOUR)}),
    (answered_after_it, None, {MARCH: (19 * DAY, 150 * MINUTE, HOUR)}),
    (seen_elsewhere, "office", {MARCH: (PROMISED, 150 * MINUTE, 105 * MINUTE)}),
    (a_robot_is_no_person, "office", {MARCH: (PROMISED, 150 * MINUTE, HOUR)}),
    (over_night, "office", {MARCH: (PROMISED, 70 * MINUTE, HOUR)}),
    (asked_at_night, "office", {MARCH: (PROMISED, 50 * MINUTE, 50 * MINUTE)}),
    (two_customers_at_once, "office", {MARCH: (PROMISED, 3 * HOUR, 2 * HOUR)}),
    (closed_without_an_answer, "office", {MARCH: (PROMISED, 50 * MINUTE, 50 * MINUTE)}),
    (never_answered, "office", {MARCH: (PROMISED, 5 * DAY_OFF, HOUR)}),
    (spam, "office", {MARCH: (PROMISED, 0, 0)}),
    (deleted, "office", {MARCH: (PROMISED, 30 * MINUTE, 30 * MINUTE)}),
    (merged, "office", {MARCH: (PROMISED, 90 * MINUTE, HOUR)}),
    (still_waiting, "office", {MARCH: (2 * HOUR, 90 * MINUTE, HOUR)}),
]


def overnight_block() -> Story:
    """Open 22:00 to 06:00. Asked on 2 March at 23:30, answered on the 3rd at 05:00: staffed until 00:30."""
    return story(as_of=on(4)).customer(on(2, "23:30")).agent(on(3, "05:00"))


def over_the_change_of_clocks() -> Story:
    """Berlin, Sundays 00:00 to 06:00; on 29 March five hours. Asked at 01:30 local time, answered at 03:45."""
    return story(as_of=on(30), zone="Europe/Berlin").customer(on(29, "00:30")).agent(on(29, "01:45"))


def over_the_end_of_the_month() -> Story:
    """Always open, Berlin: April begins on 31 March at 22:00 UTC. Asked at 21:30, so the hour is used up at 22:30."""
    return story(as_of=on(32, "01:00"), zone="Europe/Berlin").customer(on(31, "21:30")).agent(on(32, "00:30"))


CASES += [
    # Six hours of the night from 28 February, two nights of eight, and two hours of the night in which as_of lies.
    (overnight_block, "night", {MARCH: (6 * HOUR + 2 * 8 * HOUR + 2 * HOUR, 330 * MINUTE, HOUR)}),
    # Sundays 1, 8, 15, 22 March have six hours (23:00 UTC the day before to 05:00), the 29th has five (to 04:00 UTC).
    (over_the_change_of_clocks, "berlin", {MARCH: (29 * HOUR, 75 * MINUTE, HOUR)}),
    # March in Berlin is an hour short; 28 February 23:00 UTC to 31 March 22:00 UTC.
    (
        over_the_end_of_the_month,
        None,
        {MARCH: (31 * DAY - HOUR, 30 * MINUTE, 30 * MINUTE), APRIL: (3 * HOUR, 150 * MINUTE, 30 * MINUTE)},
    ),
]


@pytest.mark.parametrize(("told", "schedule_id", "expected"), CASES, ids=[f"{c[0].__name__}-{c[1]}" for c in CASES])
def test_m14_staffed_work_and_promised_time(told, schedule_id, expected):
    assert months(told(), schedule_id) == expected


def test_m14_each_message_waits_for_itself():
    """Answered are all that were written before; what comes after begins anew, and a week is the longest."""
    told = story(as_of=on(32)).customer(on(2)).customer(on(3)).agent(on(4)).customer(on(5))
    assert waits(told.world, "c") == [(on(2), on(4)), (on(3), on(4)), (on(5), on(12))]


def test_m14_the_version_in_force_decides_which_hours_and_channels_are_promised():
    """Office hours to 9 March; from the 10th on another channel's."""
    told = story().customer(on(2, "09:30")).agent(on(2, "10:10"))
    first = told.world.agreements[0]
    told.world.agreements = [
        replace(first, valid_to=date(2026, 3, 9)),
        replace(first, version=2, valid_from=date(2026, 3, 10), channels=frozenset({"chat"})),
    ]
    rows = {(row.channel_id, row.period): row for row in support_months(told.world, lambda version: Hours(OFFICE))}
    assert rows["mail", MARCH].promised_seconds == 6 * DAY_OFF
    assert rows["mail", MARCH].work_seconds == 40 * MINUTE
    assert (rows["chat", MARCH].promised_seconds, rows["chat", MARCH].availability_rate) == (8 * DAY_OFF, None)
