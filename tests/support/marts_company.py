"""The invented company of the fixture release: agreements, goals, channels and their hours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

AS_OF = datetime(2026, 11, 3)
FIRST_PERIOD = date(2025, 5, 1)
LAST_PERIOD = date(2026, 11, 1)
RELEASE_ID = "20261103T000000Z-0123456789ab"
FIRST_DAY, LAST_DAY = date(2025, 4, 20), date(2027, 1, 31)


@dataclass(frozen=True)
class GoalSpec:
    """One goal. `misses` maps a month to its number of missed clocks out of `decided`."""

    agreement_id: str
    goal_id: str
    title: str
    metric: str
    target_seconds: int
    goal_rate: str
    misses: dict[str, int] = field(default_factory=dict)
    decided: int = 40
    usual_misses: int = 1
    targets: dict[str, str] = field(default_factory=dict)
    basis: str = "business"
    subject: str = "customer"
    pause_statuses: str | None = None
    teams: str | None = None

    @property
    def is_paused(self) -> bool:
        """Its clocks stand still for an hour while pending: the goal or its measure leaves that out."""
        return self.pause_statuses is not None or self.metric == "requester_wait"


@dataclass(frozen=True)
class AgreementSpec:
    agreement_id: str
    title: str
    kind: str
    level: str
    timezone: str
    channel_id: str
    source: str
    version: int = 1
    valid_from: date = date(2025, 5, 1)

    @property
    def key(self) -> str:
        return f"{self.agreement_id}:{self.version}"


AGREEMENTS = (
    AgreementSpec("email-support", "E-mail support", "customer", "customer", "America/New_York", "zd_email", "zendesk"),
    AgreementSpec("chat-support", "Chat support", "customer", "customer", "Europe/Berlin", "zd_chat", "zendesk"),
    AgreementSpec("public-x-care", "Public care on X", "ssla", "service", "Europe/London", "x_global", "x"),
    AgreementSpec(
        "x-australia-outsourcing",
        "X Australia, run by BrightDesk",
        "vendor",
        "service",
        "Australia/Sydney",
        "x_australia",
        "x",
        2,
        date(2026, 3, 1),
    ),
    AgreementSpec("x-spain-internal", "X Spain, social team", "internal", "service", "Europe/Madrid", "x_spain", "x"),
)
GOALS = (
    GoalSpec(
        "email-support",
        "first_response",
        "First response",
        "first_response",
        14400,
        "0.9",
        {"2026-08": 8, "2026-09": 9, "2026-10": 10},
        targets={"urgent": "1.0 hours", "high": "4.0 hours", "low": "1.0 business_days"},
    ),
    GoalSpec("email-support", "next_response", "Next response", "next_response", 28800, "0.85", {"2026-09": 6}),
    GoalSpec(
        "email-support",
        "full_resolution",
        "Full resolution",
        "full_resolution",
        144000,
        "0.85",
        pause_statuses="pending",
    ),
    GoalSpec(
        "email-support",
        "requester_wait",
        "Passengers wait five days at most",
        "requester_wait",
        432000,
        "0.8",
        usual_misses=3,
        basis="calendar",
    ),
    GoalSpec(
        "email-support",
        "refunds_time",
        "Refunds holds it two hours",
        "ownership_time",
        7200,
        "0.8",
        subject="team",
        teams="zendesk:auroraair:7, zendesk:auroraair:8",
    ),
    GoalSpec(
        "chat-support",
        "first_response",
        "First response",
        "first_response",
        600,
        "0.9",
        {"2026-07": 7, "2026-08": 6, "2026-10": 5},
    ),
    GoalSpec("chat-support", "next_response", "Next response", "next_response", 1800, "0.85"),
    GoalSpec("public-x-care", "first_response", "First response", "first_response", 3600, "0.8", {"2026-10": 8}),
    GoalSpec("x-australia-outsourcing", "first_response", "First response", "first_response", 7200, "0.85", decided=12),
    GoalSpec(
        "x-spain-internal",
        "first_response",
        "First response",
        "first_response",
        14400,
        "0.8",
        decided=5,
        usual_misses=0,
    ),
)
CHANNELS = {
    "zd_email": ("auroraair", "E-mail and web form", "email", "America/New_York"),
    "zd_chat": ("auroraair", "Chat", "chat", "Europe/Berlin"),
    "x_global": ("AuroraAir", "@AuroraAir", "social", "Europe/London"),
    "x_australia": ("AuroraAirAU", "@AuroraAirAU", "social", "Australia/Sydney"),
    "x_spain": ("AuroraAirES", "@AuroraAirES", "social", "Europe/Madrid"),
}
# Every day the same; the night of x_australia ends on the next day. Chat never closes: one stretch.
BLOCKS = {
    "zd_email": (("09:00", "17:00"),),
    "zd_chat": (("00:00", "00:00"),),
    "x_global": (("08:00", "22:00"),),
    "x_australia": (("18:00", "06:00"),),
    "x_spain": (("09:00", "14:00"), ("16:00", "20:00")),
}
TEAMS = {"zendesk:auroraair:7": "Refunds", "zendesk:auroraair:8": "Refunds, night"}


class Hours:
    """Open stretches in naive UTC; an instant's reading is the open seconds before it."""

    def __init__(self, stretches: list[tuple[datetime, datetime]]) -> None:
        self.stretches = stretches
        self.opens = [start for start, _ in stretches]
        self.before = [0]
        for start, stop in stretches:
            self.before.append(self.before[-1] + int((stop - start).total_seconds()))

    def reading(self, at: datetime) -> int:
        number = bisect_right(self.opens, at) - 1
        if number < 0:
            return 0
        start, stop = self.stretches[number]
        return self.before[number] + int((min(at, stop) - start).total_seconds())

    def instant(self, reading: int) -> datetime:
        """The first instant with that reading."""
        number = bisect_left(self.before, reading) - 1
        return self.stretches[number][0] + timedelta(seconds=reading - self.before[number])


@cache
def hours_of(channel_id: str) -> Hours:
    """The hours of a channel's agreement."""
    zone = ZoneInfo(CHANNELS[channel_id][3])
    stretches: list[tuple[datetime, datetime]] = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        for first, last in BLOCKS[channel_id]:
            ends_on = day if last > first else day + timedelta(days=1)
            start, stop = _utc(day, first, zone), _utc(ends_on, last, zone)
            if stretches and stretches[-1][1] == start:
                stretches[-1] = (stretches[-1][0], stop)
            else:
                stretches.append((start, stop))
        day += timedelta(days=1)
    return Hours(stretches)


AROUND_THE_CLOCK = Hours([(datetime(2025, 1, 1), datetime(2028, 1, 1))])


def _utc(day: date, clock: str, zone: ZoneInfo) -> datetime:
    here = datetime.combine(day, time.fromisoformat(clock), zone)
    return here.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def periods() -> list[date]:
    """The months of the fixture, first days."""
    found, period = [], FIRST_PERIOD
    while period <= LAST_PERIOD:
        found.append(period)
        period = (period + timedelta(days=32)).replace(day=1)
    return found
