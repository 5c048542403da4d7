"""A world as the tables of schema `config` (docs/architecture.md), made without the product's code.

Only the column types come from the product; calendars are expanded by the oracle's own `Hours`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pyarrow as pa
from social_sla.agreements.table_schemas import TABLE_SCHEMAS

from tests.oracle.hours import Hours, local_time, midnight
from tests.oracle.model import AgreementVersion, Goal, Schedule, Target, World
from tests.oracle.monthly import month_bounds, month_of, next_month
from tests.oracle.terms import NEVER, UNIT_SECONDS, validity, version_in_force

Row = dict[str, Any]

SOURCE, ACCOUNT = "oracle", "company"
#: What stands before the source's own id of a message, a team or a person in a mart.
ID_PREFIX = f"{SOURCE}:{ACCOUNT}:"
_DAYS_AHEAD = 400


def instant(second: int | None) -> datetime | None:
    """A second as the naive UTC timestamp of the tables; an open end (None, ±NEVER) is null."""
    if second is None or abs(second) >= NEVER:
        return None
    return datetime(1970, 1, 1) + timedelta(seconds=second)


def seconds(moment: datetime | None) -> int | None:
    """The other way round, for comparing what the warehouse gives back."""
    return None if moment is None else int((moment - datetime(1970, 1, 1)).total_seconds())


def make_table(rows: Iterable[Row], schema: pa.Schema) -> pa.Table:
    """Rows as a table; a missing column is null, an unknown one or a null where none may be is an error."""
    rows = list(rows)
    unknown = {name for row in rows for name in row} - set(schema.names)
    if unknown:
        raise KeyError(f"no such columns: {sorted(unknown)}")
    table = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
    table.validate(full=True)
    return table


def goal_key(version: AgreementVersion, goal: Goal) -> str:
    """Identifies a goal of one version."""
    return f"{version.agreement_key}.{goal.goal_id}"


def config_tables(world: World) -> dict[str, pa.Table]:
    """Every table of schema `config`; tables that a world says nothing about are empty."""
    rows: dict[str, list[Row]] = {name: [] for name in TABLE_SCHEMAS}
    rows["channels"] = list(_channels(world))
    for version in world.agreements:
        _add_version(rows, version)
    for agreement_id in sorted({v.agreement_id for v in world.agreements}):
        rows["agreement_in_force"] += _in_force(world, agreement_id)
    rows["waivers"] = [
        {"agreement_id": w.agreement_id, "goal_id": w.goal_id, "period": w.period, "waived_by": "a", "reason": "b"}
        for w in world.waivers
    ]
    rows["periods"] = list(_periods(world))
    first, last = calendar_range(world)
    for schedule in world.schedules.values():
        rows["schedules"].append(
            {
                "schedule_id": schedule.schedule_id,
                "timezone": schedule.zone,
                "title": schedule.schedule_id,
                "calendar_from_date": first,
                "calendar_to_date": last,
            }
        )
        intervals, days = expanded(schedule, first, last)
        rows["schedule_intervals"] += intervals
        rows["schedule_days"] += days
    rows["load"] = [
        {
            "as_of": instant(world.as_of),
            "config_sha256": "0" * 64,
            "calendar_from_date": first,
            "calendar_to_date": last,
        }
    ]
    _add_in_force_ends(rows)
    return {name: make_table(rows[name], schema) for name, schema in TABLE_SCHEMAS.items()}


def _channels(world: World) -> Iterable[Row]:
    used = {c.channel_id for c in world.conversations.values()} | {c for v in world.agreements for c in v.channels}
    for channel_id in sorted(used):
        yield {
            "channel_id": channel_id,
            "source": SOURCE,
            "account": ACCOUNT,
            "name": channel_id,
            "kind": "mailbox",
            "strategic_objective": "service",
            "timezone": world.channel_zones.get(channel_id, "UTC"),
            "language": "en",
            "languages": ["en"],
            "connection_id": "oracle_default",
            "match": "{}",
        }


def _share(share: Fraction | None) -> Decimal | None:
    return None if share is None else Decimal(share.numerator) / Decimal(share.denominator)


def _add_version(rows: dict[str, list[Row]], version: AgreementVersion) -> None:
    key = {"agreement_key": version.agreement_key}
    named = {**key, "agreement_id": version.agreement_id, "version": version.version}
    begin, end = validity(version)
    rows["agreements"].append(
        {
            **named,
            "title": version.agreement_id,
            "kind": version.kind,
            "level": "customer",
            "provider": "company",
            "customer": "partner",
            "timezone": version.zone,
            "valid_from_date": version.valid_from,
            "valid_to_date": version.valid_to,
            "valid_from_at": instant(begin),
            "valid_to_at": instant(end),
            "raises_flags": version.raises_flags,
            "flag_consecutive_periods": version.flag_consecutive_periods,
            "flag_scope": version.flag_scope,
            "flag_missed_periods": version.flag_missed_of[0] if version.flag_missed_of else None,
            "flag_missed_of_periods": version.flag_missed_of[1] if version.flag_missed_of else None,
            "flag_severity_floor": _share(version.flag_severity_floor),
            "minimum_sample": version.minimum_sample,
            "measures_people": version.measures_people,
            "file_name": f"{version.agreement_key}.yaml",
            "file_sha256": "0" * 64,
        }
    )
    rows["agreement_parties"] += [
        {**key, "party_id": party, "name": party, "role": "provider", "obligations": []} for party in version.parties
    ]
    rows["agreement_approvals"] += [
        {
            **key,
            "party_id": a.party_id,
            "approved_by": a.party_id,
            "approved_date": a.approved_date,
            "revoked_date": a.revoked_date,
            "expires_date": a.expires_date,
        }
        for a in version.approvals
    ]
    rows["agreement_channels"] += [{**key, "channel_id": channel_id} for channel_id in sorted(version.channels)]
    for goal in version.goals:
        rows["goals"].append({**named, **_goal(version, goal)})
        rows["goal_targets"] += [
            {"goal_key": goal_key(version, goal), "priority": priority, **_target(target)}
            for priority, target in sorted(goal.targets.items())
        ]


def _goal(version: AgreementVersion, goal: Goal) -> Row:
    first = goal.from_date or version.valid_from
    last = goal.to_date or version.valid_to
    row: Row = {
        "goal_key": goal_key(version, goal),
        "goal_id": goal.goal_id,
        "title": goal.goal_id,
        "metric": goal.metric,
        "subject": goal.subject,
        "basis": goal.basis,
        "schedule_id": goal.schedule_id,
        "responder": goal.responder,
        "goal_rate": _share(goal.goal_rate),
        "from_date": first,
        "to_date": last,
        "from_at": instant(midnight(version.zone, first)),
        "to_at": instant(midnight(version.zone, last + timedelta(days=1))) if last else None,
        "pause_statuses": sorted(goal.pause_statuses),
        "inherited_from": version.agreement_key,
    }
    if "teams" in TABLE_SCHEMAS["goals"].names:
        row["teams"] = None if goal.teams is None else [ID_PREFIX + team for team in sorted(goal.teams)]
    return row


def _target(target: Target) -> Row:
    factor = UNIT_SECONDS.get(target.unit)
    return {
        "target_value": target.value,
        "target_unit": target.unit,
        "target_seconds": None if factor is None else factor * target.value,
    }


def _in_force(world: World, agreement_id: str) -> list[Row]:
    """Stretches between the versions' ends, each asked which version holds in it."""
    ends = sorted({end for version in world.versions_of(agreement_id) for end in validity(version)})
    found: list[Row] = []
    for begin, end in pairwise(ends):
        version = version_in_force(world, agreement_id, begin)
        if version is None:
            continue
        if found and found[-1]["agreement_key"] == version.agreement_key and found[-1]["to_at"] == instant(begin):
            found[-1]["to_at"] = instant(end)
            continue
        key = {"agreement_key": version.agreement_key, "agreement_id": agreement_id, "version": version.version}
        found.append({**key, "from_at": instant(begin), "to_at": instant(end)})
    return found


def _add_in_force_ends(rows: dict[str, list[Row]]) -> None:
    for agreement in rows["agreements"]:
        own = [row for row in rows["agreement_in_force"] if row["agreement_key"] == agreement["agreement_key"]]
        if own:
            agreement |= {"in_force_from_at": own[0]["from_at"], "in_force_to_at": own[-1]["to_at"]}


def _periods(world: World) -> Iterable[Row]:
    first = month_of(min(v.valid_from for v in world.agreements) - timedelta(days=1))
    last = next_month(next_month(month_of(local_time("UTC", world.as_of).date())))
    for zone in sorted({v.zone for v in world.agreements}):
        period = first
        while period <= last:
            starts_at, ends_at = month_bounds(zone, period)
            yield {"timezone": zone, "period": period, "starts_at": instant(starts_at), "ends_at": instant(ends_at)}
            period = next_month(period)


def calendar_range(world: World) -> tuple[date, date]:
    """Local dates that the calendars need: from before anything happened until every target is due."""
    happened = [m.published_at for m in world.messages] + [c.created_at for c in world.conversations.values()]
    first = local_time("UTC", min([*happened, world.as_of])).date() - timedelta(days=5)
    last = local_time("UTC", world.as_of).date() + timedelta(days=_DAYS_AHEAD)
    return min([first, *(v.valid_from - timedelta(days=5) for v in world.agreements)]), last


def expanded(schedule: Schedule, first: date, last: date) -> tuple[list[Row], list[Row]]:
    """(schedule_intervals, schedule_days) of one schedule for the blocks that open on [first, last]."""
    hours = Hours(schedule)
    intervals: list[list[Any]] = []  # [local date, opens, closes]
    days: list[Row] = []
    total = 0
    day = first
    while day <= last:
        blocks = hours.blocks(day)
        own = hours.own_seconds(day) if day > first else sum(e - b for b, e in blocks)
        if own:
            days.append(
                {
                    "schedule_id": schedule.schedule_id,
                    "local_date": day,
                    "day_number": len(days) + 1,
                    "opens_at": instant(blocks[0][0]),
                    "open_seconds": own,
                    "open_seconds_before": total,
                }
            )
            total += own
        for opens, closes in blocks:
            if intervals and opens <= intervals[-1][2]:
                intervals[-1][2] = max(intervals[-1][2], closes)
            else:
                intervals.append([day, opens, closes])
        day += timedelta(days=1)
    rows, before = [], 0
    for number, (local_date, opens, closes) in enumerate(intervals, start=1):
        rows.append(
            {
                "schedule_id": schedule.schedule_id,
                "interval_number": number,
                "local_date": local_date,
                "opens_at": instant(opens),
                "closes_at": instant(closes),
                "open_seconds_before": before,
            }
        )
        before += closes - opens
    return rows, days
