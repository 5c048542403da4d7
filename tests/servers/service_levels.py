"""Hours and service levels, written once, and put into the words of both: Request Tracker's Perl and our YAML."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ACCOUNT = "rt.aurora.example"
VALID_FROM = date(2024, 1, 1)
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


@dataclass(frozen=True)
class Hours:
    """One block on each open weekday (0 is Sunday), `HH:MM`, overnight where it ends at or before its start.

    `holidays` are closed in both; `only_ours` are closed in our calendar and unknown to RT.
    """

    name: str
    timezone: str
    weekly: dict[int, tuple[str, str]]
    holidays: tuple[date, ...] = ()
    only_ours: tuple[date, ...] = ()


@dataclass(frozen=True)
class Level:
    """What is promised in one queue. `kind` is RT's word; `minutes` are real or business minutes of `hours`."""

    queue: str
    kind: str
    minutes: int
    hours: Hours
    is_business: bool = True
    leaves_out_stalled: bool = False

    @property
    def id(self) -> str:
        return self.queue.lower().replace(" ", "-")

    @property
    def metrics(self) -> tuple[str, ...]:
        """What we call it."""
        return {
            "Resolve": ("full_resolution",),
            "Response": ("first_response", "next_response"),
            "KeepInLoop": ("periodic_update",),
        }[self.kind]


RECOMPUTE = "recompute"
"""A level that no queue has: a ticket that is given it and its own level again is computed again."""


def rt_agreements(levels: Iterable[Level]) -> dict[str, Any]:
    """`%ServiceAgreements`."""
    made: dict[str, Any] = {RECOMPUTE: {"Resolve": {"RealMinutes": 1}}}
    for level in levels:
        promised: dict[str, Any] = {"BusinessMinutes" if level.is_business else "RealMinutes": level.minutes}
        if level.leaves_out_stalled:
            promised |= {"IgnoreOnStatuses": ["stalled"], "ExcludeTimeOnIgnoredStatuses": 1}
        made[level.id] = {
            level.kind: promised,
            "Timezone": level.hours.timezone,
            "BusinessHours": level.hours.name,
        }
    return {"QueueDefault": {level.queue: level.id for level in levels}, "Levels": made}


def rt_hours(levels: Iterable[Level]) -> dict[str, Any]:
    """`%ServiceBusinessHours`."""
    made: dict[str, Any] = {}
    for hours in {level.hours.name: level.hours for level in levels}.values():
        week: dict[str, Any] = {
            str(day): {"Name": DAYS[day], "Start": start, "End": end} for day, (start, end) in hours.weekly.items()
        }
        made[hours.name] = {**week, "holidays": [day.isoformat() for day in hours.holidays]}
    return made


def write_config(folder: Path, levels: Iterable[Level]) -> None:
    """Our configuration: a channel, a schedule and an agreement for each level."""
    (folder / "agreements").mkdir(parents=True)
    channels, schedules = [], {}
    for level in levels:
        channels.append(
            {
                "channel_id": level.id,
                "name": level.queue,
                "source": "request_tracker",
                "account": ACCOUNT,
                "kind": "email",
                "strategic_objective": "Compare due times.",
                "timezone": level.hours.timezone,
                "languages": ["en"],
                "match": {"queue": [level.queue]},
            }
        )
        closed = [{"date": day, "name": "Closed"} for day in (*level.hours.holidays, *level.hours.only_ours)]
        schedules[level.hours.name] = {
            "schedule_id": level.hours.name,
            "title": level.hours.name,
            "timezone": level.hours.timezone,
            "weekly": {DAYS[day][:3].lower(): [f"{start}-{end}"] for day, (start, end) in level.hours.weekly.items()},
            **({"company_holidays": closed} if closed else {}),
        }
        _dump(folder / "agreements" / f"{level.id}.yaml", _agreement(level))
    _dump(folder / "channels.yaml", {"channels": channels})
    _dump(folder / "calendars.yaml", {"schedules": list(schedules.values())})


def _agreement(level: Level) -> dict[str, Any]:
    goal = {
        "title": level.kind,
        "target": f"{level.minutes}m",
        "basis": "business" if level.is_business else "calendar",
        "goal_rate": 0.9,
        **({"pause_statuses": ["pending"]} if level.leaves_out_stalled else {}),
    }
    return {
        "agreement_id": level.id,
        "version": 1,
        "title": level.queue,
        "kind": "customer",
        "level": "customer",
        "overview": "The same promise as in Request Tracker.",
        "provider": "Aurora Air",
        "customer": "Passengers",
        "timezone": level.hours.timezone,
        "valid_from": VALID_FROM,
        "change_reason": "First edition.",
        "parties": [{"party_id": "desk", "name": "Desk", "role": "provider", "obligations": ["Answers."]}],
        "approvals": [{"party": "desk", "by": "Manager", "date": VALID_FROM}],
        "channels": [level.id],
        "hours": level.hours.name,
        "goals": [{"goal_id": metric.replace("_", "-"), "metric": metric, **goal} for metric in level.metrics],
    }


def _dump(path: Path, content: Any) -> None:
    """JSON is YAML."""
    path.write_text(json.dumps(content, default=date.isoformat, indent=1))
