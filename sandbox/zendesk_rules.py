"""The account's own SLA policies, business schedules and holidays: they mirror the goals of zd_email and zd_chat."""

from __future__ import annotations

from typing import Any

from sandbox.company.hours import Hours, channel_hours, us_federal_holidays

_CREATED, _UPDATED = "2025-03-02T09:00:00Z", "2026-01-07T11:30:00Z"
PRIORITIES = ("urgent", "high", "normal", "low")
SCHEDULES = (
    (9_110_000_000_001, "E-mail desk", "Eastern Time (US & Canada)", "zd_email"),
    (9_110_000_000_002, "Chat desk", "Berlin", "zd_chat"),
)


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
    days = us_federal_holidays().items()
    return [
        {"id": 9_120_000_000_001 + n, "name": name, "start_date": day.isoformat(), "end_date": day.isoformat()}
        for n, (day, name) in enumerate(days)
    ]
