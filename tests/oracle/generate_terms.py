"""Random hours and agreements: zones with odd changes of clocks, versions that change inside the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from tests.oracle.model import (
    BASIC_METRICS,
    FURTHER_METRICS,
    OWNERSHIP_METRICS,
    RESPONSE_METRICS,
    AgreementVersion,
    Approval,
    Block,
    EffectivePart,
    Goal,
    Schedule,
    Target,
)

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Apia",
)
#: Months in which at least one of the zones changes its clocks.
MONTHS = (date(2026, 3, 1), date(2026, 4, 1), date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1))
PRIORITIES = ("urgent", "high", "normal", "low")
TEAMS = ("a", "b", "c")

_OFFICE = (("09:00", "17:00"),)
_DAYS = (
    _OFFICE,
    _OFFICE,
    (("09:00", "14:00"), ("16:00", "19:00")),
    (("00:30", "03:30"), ("12:00", "13:00")),
    (("18:00", "02:00"), ("09:00", "17:00")),
    (("22:00", "06:00"),),
    (("00:00", "24:00"),),
    (("23:00", "24:00"), ("00:00", "01:30")),
    (("08:00", "12:00"), ("11:30", "18:15")),
)
#: Blocks of neighbouring dates that overlap; see READINGS.md, reading 4.
_SHARED_NIGHT = (("18:00", "10:00"), ("09:00", "17:00"))


def _blocks(pattern: tuple[tuple[str, str], ...]) -> tuple[Block, ...]:
    return tuple(Block(*block) for block in pattern)


def _weekly(rnd: Random) -> dict[int, tuple[Block, ...]]:
    usual = _blocks(rnd.choice(_DAYS))
    days = range(rnd.choice((5, 5, 6, 7)))
    weekly = dict.fromkeys(days, usual)
    if rnd.random() < 0.3:
        weekly[rnd.choice((4, 5))] = _blocks((("10:00", "14:00"),))
    return weekly


def schedule(rnd: Random, schedule_id: str, zone: str, month: date, with_shared_nights: bool = False) -> Schedule:
    """Hours of one zone: up to two effective parts, some holidays, some dated hours (a few of them on holidays)."""
    if rnd.random() < 0.35:
        turn = month + timedelta(days=rnd.randrange(3, 25))
        parts: tuple[EffectivePart, ...] = (
            EffectivePart(_weekly(rnd), None, turn - timedelta(days=1)),
            EffectivePart(_weekly(rnd), turn, None),
        )
    else:
        parts = (EffectivePart(_weekly(rnd)),)
    if with_shared_nights:
        parts = (EffectivePart(dict.fromkeys(range(7), _blocks(_SHARED_NIGHT))),)
    near = [month + timedelta(days=offset) for offset in range(-3, 34)]
    holidays = frozenset(rnd.sample(near, rnd.randrange(4)))
    dated_days = rnd.sample(near, rnd.randrange(3)) + sorted(holidays)[: rnd.randrange(2)]
    short = (("10:00", "12:00"),), (("20:00", "04:00"),), ()
    dated = {day: _blocks(rnd.choice(short)) for day in dated_days}
    return Schedule(schedule_id, zone, parts, holidays, dated)


def schedules(rnd: Random, month: date, count: int = 5, with_shared_nights: bool = False) -> dict[str, Schedule]:
    """`count` schedules in different zones, and one that is always open."""
    found = {
        f"hours_{number}": schedule(rnd, f"hours_{number}", zone, month)
        for number, zone in enumerate(rnd.sample(ZONES, count))
    }
    if with_shared_nights:
        found["shared_nights"] = schedule(rnd, "shared_nights", rnd.choice(ZONES), month, with_shared_nights=True)
    always = EffectivePart(dict.fromkeys(range(7), _blocks((("00:00", "24:00"),))))
    found["always"] = Schedule("always", rnd.choice(ZONES), (always,))
    return found


def _target(rnd: Random, basis: str, is_long: bool) -> Target:
    if basis == "business" and rnd.random() < 0.25:
        return Target(rnd.choice((1, 2, 3)) if is_long else 1, "business_days")
    short = (Target(1, "hours"), Target(600, "seconds"), Target(30, "minutes"), Target(4, "hours"), Target(2, "hours"))
    long = (Target(8, "hours"), Target(1, "days"), Target(36, "hours"), Target(2, "days"), Target(5, "days"))
    return rnd.choice(long if is_long else short)


def _targets(rnd: Random, basis: str, is_long: bool) -> dict[str, Target]:
    kind = rnd.random()
    if kind < 0.3:
        return {"default": _target(rnd, basis, is_long)}
    named = rnd.sample(PRIORITIES, rnd.randrange(1, 5))
    targets = {priority: _target(rnd, basis, is_long) for priority in named}
    if kind < 0.8:
        targets["default"] = _target(rnd, basis, is_long)
    return targets


def _varied(rnd: Random, goal: Goal, schedule_ids: list[str]) -> Goal:
    """The same line as another version states it: new targets, hours, pauses and rate, the same start and stop."""
    is_long = goal.metric not in RESPONSE_METRICS
    pauses: tuple[str, ...] = rnd.choice(((), (), ("pending",), ("pending", "on_hold")))
    if goal.metric in FURTHER_METRICS:
        is_long = rnd.random() < 0.5
        pauses = rnd.choice((pauses, pauses, ("on_hold",), ("new",), ("open", "pending")))
    return replace(
        goal,
        targets=_targets(rnd, goal.basis, is_long),
        schedule_id=rnd.choice(schedule_ids) if goal.basis == "business" else None,
        pause_statuses=frozenset(pauses),
        goal_rate=Fraction(rnd.choice((50, 75, 80, 85, 90, 95, 100)), 100),
    )


def _goals(rnd: Random, schedule_ids: list[str], metrics: tuple[str, ...]) -> tuple[Goal, ...]:
    found = []
    for metric in metrics:
        basis = rnd.choice(("business", "business", "calendar"))
        subject = rnd.choice(("customer", "customer", "team", "member"))
        responder = rnd.choice(("human", "human", "any"))
        blank = Goal(f"{metric}_{basis}", metric, {}, basis=basis, subject=subject, responder=responder)
        if metric in OWNERSHIP_METRICS:
            teams = rnd.choice((None, None, frozenset("a"), frozenset("bc")))
            blank = replace(blank, subject="team", teams=teams)
        found.append(_varied(rnd, blank, schedule_ids))
    return tuple(found)


def _dates(rnd: Random, month: date) -> list[tuple[date, date | None]]:
    """Valid dates of the versions: a hand-over inside the month, with a gap or an overlap at times."""
    begin = month - timedelta(days=rnd.choice((0, 31, 60)))
    turn = month + timedelta(days=rnd.randrange(2, 27))
    kind = rnd.random()
    if kind < 0.25:
        return [(begin, None)]
    if kind < 0.55:
        return [(begin, turn - timedelta(days=1)), (turn, None)]
    if kind < 0.75:
        return [(begin, turn - timedelta(days=1)), (turn + timedelta(days=rnd.choice((1, 2, 4))), None)]
    if kind < 0.9:
        return [(begin, None), (turn, turn + timedelta(days=rnd.randrange(4)))]
    return [(begin, turn), (turn - timedelta(days=3), None), (turn + timedelta(days=1), turn + timedelta(days=2))]


def agreement(
    rnd: Random,
    more: Random,
    agreement_id: str,
    month: date,
    channels: list[str],
    schedule_ids: list[str],
    metrics: tuple[str, ...],
) -> list[AgreementVersion]:
    """One agreement with its versions. Goals keep their metric, subject, responder, basis and teams across versions.

    `more` draws what the further metrics need, so that the basic ones are the same with and without them.
    """
    first_goals = _goals(rnd, schedule_ids, tuple(m for m in metrics if m in BASIC_METRICS))
    first_goals += _goals(more, schedule_ids, tuple(m for m in metrics if m in FURTHER_METRICS))
    zone = rnd.choice(ZONES)
    covered = frozenset(rnd.sample(channels, rnd.randrange(1, len(channels) + 1)))
    found = []
    for number, (valid_from, valid_to) in enumerate(_dates(rnd, month), start=1):
        approvals = tuple(
            Approval(party, valid_from - timedelta(days=rnd.choice((1, 5, -40))))
            for party in ("company", "partner")
            if rnd.random() < 0.8
        )
        # Of its own dice, so that everything else stays as it was.
        flags = Random(f"{agreement_id} {number} {valid_from}")
        found.append(
            AgreementVersion(
                agreement_id=agreement_id,
                version=number,
                zone=zone if rnd.random() < 0.9 else rnd.choice(ZONES),
                valid_from=valid_from,
                valid_to=valid_to,
                channels=covered,
                goals=first_goals
                if number == 1
                else tuple(_varied(rnd if g.metric in BASIC_METRICS else more, g, schedule_ids) for g in first_goals),
                kind=rnd.choice(("customer", "vendor", "internal", "ssla")),
                flag_missed_of=flags.choice((None, (1, 1), (1, 2), (2, 2), (2, 3))),
                flag_severity_floor=flags.choice((None, Fraction(1, 2), Fraction(7, 10), Fraction(99, 100))),
                minimum_sample=rnd.choice((1, 5, 10)),
                measures_people=more.random() < 0.4,
                parties=("company", "partner"),
                approvals=approvals,
            )
        )
    return found
