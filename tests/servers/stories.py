"""What happens in Request Tracker: tickets over weekends, closing times, changes of the clocks, nights and holidays.

Times are those of the level's own clocks. A ticket's events are a customer's message, an agent's answer, and changes of
its status.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.servers.counting import Rule
from tests.servers.service_levels import Hours, Level

OFFICE = {day: ("09:00", "18:00") for day in range(1, 6)}
NIGHTS = {day: ("22:00", "06:00") for day in range(7)}

NEW_YORK = Hours("new-york", "America/New_York", OFFICE)
SYDNEY = Hours("sydney", "Australia/Sydney", {day: ("08:00", "16:30") for day in range(1, 6)})
BERLIN = Hours("berlin-nights", "Europe/Berlin", NIGHTS)
LISBON = Hours("lisbon-weekend-nights", "Europe/Lisbon", {5: ("20:00", "04:00"), 6: ("20:00", "04:00")})
LONDON = Hours(
    "london",
    "Europe/London",
    {day: ("09:00", "17:00") for day in range(1, 6)},
    holidays=(date(2024, 12, 25), date(2024, 12, 26)),
    only_ours=(date(2024, 12, 27),),
)
PRAGUE = Hours(
    "prague-nights", "Europe/Prague", {day: ("20:00", "04:00") for day in range(7)}, holidays=(date(2024, 12, 25),)
)
PARIS = Hours("paris-mondays", "Europe/Paris", {1: ("09:00", "13:00")})

RESOLVE_REAL = Level("Resolve real", "Resolve", 24 * 60, NEW_YORK, is_business=False)
RESOLVE_OFFICE = Level("Resolve office", "Resolve", 16 * 60, NEW_YORK)
RESOLVE_NIGHT = Level("Resolve night", "Resolve", 10 * 60, BERLIN)
RESOLVE_HOLIDAY = Level("Resolve holiday", "Resolve", 8 * 60, LONDON)
RESOLVE_HOLIDAY_NIGHT = Level("Resolve holiday night", "Resolve", 6 * 60, PRAGUE)
RESOLVE_MONDAYS = Level("Resolve Mondays", "Resolve", 19 * 60, PARIS)
RESOLVE_STALLING = Level("Resolve stalling", "Resolve", 8 * 60, NEW_YORK, leaves_out_stalled=True)
RESOLVE_STALLING_REAL = Level(
    "Resolve stalling real", "Resolve", 10 * 60, BERLIN, is_business=False, leaves_out_stalled=True
)
RESPONSE_REAL = Level("Response real", "Response", 2 * 60, BERLIN, is_business=False)
RESPONSE_OFFICE = Level("Response office", "Response", 4 * 60, NEW_YORK)
RESPONSE_SYDNEY = Level("Response Sydney", "Response", 8 * 60, SYDNEY)
RESPONSE_WEEKEND = Level("Response weekend", "Response", 5 * 60, LISBON)
LOOP_SYDNEY = Level("Loop Sydney", "KeepInLoop", 4 * 60, SYDNEY)
LOOP_REAL = Level("Loop real", "KeepInLoop", 3 * 60, NEW_YORK, is_business=False)

LEVELS = tuple(value for value in list(vars().values()) if isinstance(value, Level))


@dataclass(frozen=True)
class Story:
    """One ticket: (local time, `customer`, `agent` or a status of RT), the first a customer's. `differs`: why RT's due
    time is another one than ours; none: it is the same."""

    level: Level
    events: tuple[tuple[str, str], ...]
    differs: tuple[Rule, ...] = ()


def _begun(level: Level, times: str, *differs: Rule) -> Iterator[Story]:
    for moment in times.split(", "):
        yield Story(level, ((moment, "customer"),), differs)


def _told(level: Level, *events: str, differs: tuple[Rule, ...] = ()) -> Story:
    """Events as `2025-03-07 16:00 customer`."""
    parted = (event.rsplit(" ", 1) for event in events)
    return Story(level, tuple((moment, what) for moment, what in parted), differs)


STORIES: tuple[Story, ...] = (
    # Around the clock: weekends and both changes of the clocks.
    *_begun(
        RESOLVE_REAL, "2024-06-12 10:00, 2024-06-15 03:00:01, 2025-03-08 12:00, 2025-03-09 01:59:59, 2024-11-02 20:00"
    ),
    *_begun(
        RESPONSE_REAL, "2024-06-12 23:30, 2025-03-30 01:30, 2025-03-30 01:59:59, 2024-10-27 00:59:59, 2024-10-27 04:00"
    ),
    # Office hours: in them, before, after, at opening, at closing, at the weekend.
    *_begun(RESOLVE_OFFICE, "2024-06-11 10:00, 2024-06-11 08:59:59, 2024-06-11 09:00, 2024-06-11 17:59:59"),
    *_begun(
        RESOLVE_OFFICE, "2024-06-11 18:00, 2024-06-11 18:00:01, 2024-06-14 17:59:59, 2024-06-14 18:00, 2024-06-15 12:00"
    ),
    *_begun(RESOLVE_OFFICE, "2024-06-16 23:59:59, 2024-06-17 00:00, 2024-06-13 16:00, 2024-06-14 16:00"),
    *_begun(
        RESPONSE_OFFICE,
        "2024-06-12 09:00, 2024-06-12 13:59:59, 2024-06-12 14:00:01, 2024-06-14 17:00, 2024-06-15 00:00",
    ),
    # A target that ends at closing.
    *_begun(RESOLVE_OFFICE, "2024-06-11 11:00, 2024-06-13 11:00, 2024-06-14 11:00", Rule.CLOSING),
    *_begun(RESPONSE_OFFICE, "2024-06-12 14:00, 2024-06-14 14:00", Rule.CLOSING),
    *_begun(RESPONSE_SYDNEY, "2024-06-12 08:30, 2024-10-04 08:30", Rule.CLOSING),
    # The clocks change over the weekend, north and south.
    *_begun(RESOLVE_OFFICE, "2025-03-07 16:00, 2025-03-09 03:30, 2024-11-01 17:59:59, 2024-11-03 01:30"),
    *_begun(
        RESPONSE_SYDNEY, "2024-10-04 16:00, 2024-10-06 01:59:59, 2024-10-06 03:00, 2025-04-04 12:00, 2025-04-06 02:30"
    ),
    # Nights, and the nights in which the clocks change.
    *_begun(
        RESOLVE_NIGHT, "2024-06-11 12:00, 2024-06-11 22:00, 2024-06-12 00:30, 2024-06-12 05:59:59, 2024-06-12 06:00"
    ),
    *_begun(RESOLVE_NIGHT, "2025-03-29 20:00, 2025-03-29 23:59:59, 2024-10-26 23:00"),
    *_begun(RESOLVE_NIGHT, "2025-03-30 00:30, 2025-03-30 05:00, 2024-10-27 00:30", Rule.WEEK),
    *_begun(RESPONSE_WEEKEND, "2024-06-14 21:00, 2024-06-15 12:00, 2024-06-15 22:00"),
    *_begun(RESPONSE_WEEKEND, "2024-06-16 03:00", Rule.WEEK),
    # Holidays.
    *_begun(RESOLVE_HOLIDAY, "2024-12-20 10:00, 2024-12-23 15:00, 2024-12-30 09:30"),
    *_begun(RESOLVE_HOLIDAY, "2024-12-24 15:00", Rule.UNKNOWN_HOLIDAY),
    *_begun(RESOLVE_HOLIDAY, "2024-12-25 12:00", Rule.UNKNOWN_HOLIDAY, Rule.CLOSING),
    *_begun(RESOLVE_HOLIDAY_NIGHT, "2024-12-23 21:00, 2024-12-26 04:00"),
    *_begun(
        RESOLVE_HOLIDAY_NIGHT,
        "2024-12-24 21:00, 2024-12-25 02:00, 2024-12-25 21:00, 2024-12-26 01:00",
        Rule.HOLIDAY_BY_MIDNIGHT,
    ),
    # Far ahead.
    *_begun(RESOLVE_MONDAYS, "2024-06-10 08:00"),
    *_begun(RESOLVE_MONDAYS, "2024-06-11 12:00", Rule.THIRTY_DAYS),
    # Conversations: the oldest unanswered message counts, an answer ends the turn.
    _told(RESPONSE_OFFICE, "2024-06-11 10:00 customer", "2024-06-11 12:00 agent"),
    _told(RESPONSE_OFFICE, "2024-06-11 10:00 customer", "2024-06-11 12:00 agent", "2024-06-11 16:00 customer"),
    _told(
        RESPONSE_OFFICE,
        *("2024-06-13 10:00 customer", "2024-06-13 12:00 agent"),
        *("2024-06-14 17:30 customer", "2024-06-15 11:00 customer"),
    ),
    _told(RESPONSE_OFFICE, "2024-06-14 16:00 customer", "2024-06-15 09:00 customer", "2024-06-17 09:01 customer"),
    _told(RESPONSE_REAL, "2025-03-29 22:00 customer", "2025-03-29 22:30 agent", "2025-03-30 01:59:00 customer"),
    _told(RESPONSE_REAL, "2025-03-29 22:00 customer", "2025-03-29 22:30 agent", "2025-03-29 22:31 agent"),
    _told(RESPONSE_SYDNEY, "2024-10-04 09:00 customer", "2024-10-04 10:00 agent", "2024-10-05 11:00 customer"),
    # Kept in the loop: due anew from each answer.
    _told(LOOP_SYDNEY, "2024-10-03 09:00 customer", "2024-10-03 10:00 agent"),
    _told(LOOP_SYDNEY, "2024-10-03 09:00 customer", "2024-10-03 10:00 agent", "2024-10-04 15:30 agent"),
    _told(LOOP_SYDNEY, "2024-10-03 09:00 customer", "2024-10-05 10:00 agent"),
    _told(LOOP_SYDNEY, "2024-10-03 09:00 customer", "2024-10-04 12:30 agent", differs=(Rule.CLOSING,)),
    _told(LOOP_REAL, "2025-03-08 20:00 customer", "2025-03-09 00:30 agent"),
    # Time in which we wait for the customer is left out.
    _told(
        RESOLVE_STALLING,
        "2024-06-11 10:00 customer",
        "2024-06-11 11:00 stalled",
        "2024-06-11 13:00 open",
        differs=(Rule.PAUSE_END,),
    ),
    _told(RESOLVE_STALLING, "2024-06-14 16:00 customer", "2024-06-14 17:00 stalled", "2024-06-16 12:00 open"),
    _told(RESOLVE_STALLING, "2024-06-14 16:00 customer", "2024-06-14 19:00 stalled", "2024-06-16 12:00 open"),
    _told(RESOLVE_STALLING, "2024-06-14 16:00 customer", "2024-06-14 17:00 stalled"),
    _told(RESOLVE_STALLING_REAL, "2025-03-29 18:00 customer", "2025-03-29 23:00 stalled", "2025-03-30 04:00 open"),
    _told(RESOLVE_STALLING_REAL, "2024-06-11 08:00 customer", "2024-06-11 09:00 stalled", "2024-06-11 09:30 open"),
)
