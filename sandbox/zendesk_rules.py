"""The account's own SLA policies, business schedules and holidays: they mirror the goals of zd_email and zd_chat.

But for what such accounts get wrong: nobody entered Columbus Day, and a business day is always eight hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sandbox.company.hours import Hours, channel_hours, us_federal_holidays

_CREATED, _UPDATED = "2025-03-02T09:00:00Z", "2026-01-07T11:30:00Z"
PRIORITIES = ("urgent", "high", "normal", "low")
SCHEDULES = (
    (9_110_000_000_001, "E-mail desk", "Eastern Time (US & Canada)", "zd_email"),
    (9_110_000_000_002, "Chat desk", "Berlin", "zd_chat"),
)


FORGOTTEN_HOLIDAY = "Columbus Day"


def iso(at: int) -> str:
    """Zendesk's spelling of an instant."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _metric(priority: str, metric: str, minutes: int) -> dict[str, Any]:
    return {
        "priority": priority,
        "metric": metric,
        "target": minutes,
        "target_in_seconds": minutes * 60,
        "business_hours": True,
    }


def sla_policies(base: str) -> list[dict[str, Any]]:
    """Policies in their order; targets in minutes, as the vendor gives them."""
    email = [_metric(p, "first_reply_time", m) for p, m in zip(PRIORITIES, (60, 120, 240, 480), strict=True)]
    email += [_metric(p, "next_reply_time", 480) for p in PRIORITIES]
    email += [_metric(p, "total_resolution_time", 2400) for p in PRIORITIES]
    chat = [_metric(p, "first_reply_time", 10) for p in PRIORITIES]
    chat += [_metric(p, "next_reply_time", 30) for p in PRIORITIES]
    rows = (
        (9_900_000_000_001, "E-mail", ("0", "4"), email),
        (9_900_000_000_002, "Chat and messaging", ("29", "75"), chat),
    )
    return [
        {
            "id": number,
            "url": f"{base}/api/v2/slas/policies/{number}.json",
            "title": title,
            "description": "",
            "position": position,
            "filter": {
                "all": [],
                "any": [{"field": "current_via_id", "operator": "is", "value": value} for value in via_ids],
            },
            "policy_metrics": metrics,
            "metric_settings": {},
            "created_at": _CREATED,
            "updated_at": _UPDATED,
        }
        for position, (number, title, via_ids, metrics) in enumerate(rows, start=1)
    ]


@cache
def target_of(channel_id: str, metric: str, instance: int, priority: str) -> dict[str, Any] | None:
    """The target of a ticket's metric as metric events show it; None where its channel's policy has none."""
    policy = sla_policies("")[0 if channel_id == "zd_email" else 1]
    named = {
        "reply_time": "first_reply_time" if instance == 1 else "next_reply_time",
        "resolution_time": "total_resolution_time",
    }.get(metric, metric)
    for row in policy["policy_metrics"]:
        if (row["metric"], row["priority"]) == (named, priority):
            shown = {name: policy[name] for name in ("id", "title", "description")}
            return {name: row[name] for name in ("target", "target_in_seconds", "business_hours")} | {"policy": shown}
    return None


def _holidays() -> dict[date, str]:
    """The e-mail desk's holidays as somebody entered them."""
    return {day: name for day, name in us_federal_holidays().items() if FORGOTTEN_HOLIDAY not in name}


@cache
def hours_of(channel_id: str) -> Hours:
    """The open time of a channel's schedule, as Zendesk counts it."""
    hours = channel_hours()[channel_id]
    return Hours(hours.zone_name, hours.blocks, _holidays()) if channel_id == "zd_email" else hours


def _intervals(hours: Hours) -> list[dict[str, int]]:
    """Minutes since Sunday 00:00; a block over midnight is two, because an interval cannot span days."""
    found = []
    for weekday, blocks in hours.blocks.items():
        day = (weekday + 1) % 7 * 1440
        for start, end in blocks:
            if end <= start:
                found.append((day + start, day + 1440))
                following = (weekday + 2) % 7 * 1440
                found.append((following, following + end))
            else:
                found.append((day + start, day + end))
    return [{"start_time": start, "end_time": end} for start, end in sorted(found)]


def schedules() -> list[dict[str, Any]]:
    """Business schedules."""
    hours = channel_hours()
    return [
        {
            "id": number,
            "name": name,
            "time_zone": zone,
            "created_at": _CREATED,
            "updated_at": _UPDATED,
            "intervals": _intervals(hours[channel_id]),
        }
        for number, name, zone, channel_id in SCHEDULES
    ]


def holidays_of(schedule_id: int) -> list[dict[str, Any]] | None:
    """Holidays of a schedule, None when there is no such schedule."""
    if schedule_id not in [row[0] for row in SCHEDULES]:
        return None
    if schedule_id != SCHEDULES[0][0]:
        return []
    days = _holidays().items()
    return [
        {"id": 9_120_000_000_001 + n, "name": name, "start_date": day.isoformat(), "end_date": day.isoformat()}
        for n, (day, name) in enumerate(days)
    ]
