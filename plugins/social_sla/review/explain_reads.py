"""Everything that a release knows of how clocks came about, read for many clocks at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from social_sla.review.counted_hours import CountedDay, Stretch, counted_days
from social_sla.review.store import ReviewError, Row, fetch, has_table, release

_ONE_OF = "in (select unnest(cast(? as varchar[])))"
# A day more on either side, so that the first and the last date of a clock are there with all their hours.
_HOURS = f"""
select schedule_id, timezone, opens_at, closes_at from dim_schedule_interval
where schedule_id {_ONE_OF} and closes_at > cast(? as timestamp) - interval 2 day
    and opens_at < cast(? as timestamp) + interval 2 day
order by schedule_id, opens_at
"""  # noqa: S608 - a constant
_DELETED = """
select * from fct_message
where deleted_at is not null and direction = 'inbound' and author_role = 'customer'
    and conversation_key in (select unnest(cast(? as bigint[])))
order by published_at, message_id
"""


@dataclass(frozen=True)
class Hours:
    """A schedule's open stretches over the clocks that are read, in order, and the zone that they are kept in."""

    timezone: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Facts:
    """A clock with what says how it came about.

    Rows that are not there are empty; `deleted` are the customer's messages of its conversation that were deleted at
    the source.

    `zone` is the agreement's. `hours` is None where the goal counts every second; `has_hours` is false where the
    release does not hold the hours that the goal counts.
    """

    clock: Row
    agreement: Row
    goal: Row
    channel: Row
    message: Row
    response: Row
    team: Row
    deleted: tuple[Row, ...]
    segments: tuple[Row, ...]
    zone: str
    hours: Hours | None
    has_hours: bool
    as_of: datetime

    @property
    def paused(self) -> list[Row]:
        """The stretches in which the clock stood still; what a change of priority cuts in two is one."""
        found: list[Row] = []
        for segment in self.segments:
            if segment["state"] != "paused":
                continue
            if found and found[-1]["ended_at"] == segment["began_at"]:
                joined = {name: found[-1][name] + segment[name] for name in ("business_seconds", "calendar_seconds")}
                found[-1] = {**found[-1], **joined, "ended_at": segment["ended_at"], "ended_by": segment["ended_by"]}
            else:
                found.append(segment)
        return found

    @property
    def days_zone(self) -> str:
        """Whose local dates the counted days are."""
        return self.hours.timezone if self.hours else self.zone

    def days(self) -> list[CountedDay]:
        """The local dates on which the figure came together; their seconds add up to elapsed_seconds.

        Raises:
            ReviewError: they do not: the release contradicts itself.
        """
        running = [(one["began_at"], one["ended_at"]) for one in self.segments if one["state"] == "running"]
        days = counted_days(running, self.hours.stretches if self.hours else None, self.days_zone)
        total = sum(day.seconds for day in days)
        if total != self.clock["elapsed_seconds"]:
            raise ReviewError(
                f"Clock {self.clock['clock_id']}: its days add up to {total} s, its elapsed_seconds are "
                f"{self.clock['elapsed_seconds']}. fct_sla_clock, fct_sla_clock_segment and dim_schedule_interval of "
                "this release do not fit together: build and publish again."
            )
        return days


def read_facts(con: duckdb.DuckDBPyConnection, clock_ids: Sequence[str]) -> dict[str, Facts]:
    """The facts of the clocks that there are, by clock_id: a handful of queries, however many clocks.

    Args:
        con: a published release (or the warehouse's marts as the current schema), read-only.
    """
    clocks = fetch(con, f"select * from fct_sla_clock where clock_id {_ONE_OF}", list(clock_ids))  # noqa: S608
    if not clocks:
        return {}
    as_of = release(con).as_of
    goals = _by_key(con, "dim_goal", "goal_key", (clock["goal_key"] for clock in clocks))
    agreements = _by_key(con, "dim_agreement", "agreement_key", (goal["agreement_key"] for goal in goals.values()))
    channels = _by_key(con, "dim_channel", "channel_id", (clock["channel_id"] for clock in clocks))
    teams = _by_key(con, "dim_team", "team_id", (clock["team_id"] for clock in clocks))
    named = (clock[name] for clock in clocks for name in ("message_id", "response_message_id"))
    messages = _by_key(con, "fct_message", "message_id", named)
    segments: dict[str, list[Row]] = defaultdict(list)
    cuts = f"select * from fct_sla_clock_segment where clock_id {_ONE_OF} order by clock_id, segment_number"  # noqa: S608
    for segment in fetch(con, cuts, [clock["clock_id"] for clock in clocks]):
        segments[segment["clock_id"]].append(segment)
    deleted: dict[int, list[Row]] = defaultdict(list)
    for message in fetch(con, _DELETED, sorted({clock["conversation_key"] for clock in clocks})):
        if message.get("excluded_reason") is None:
            deleted[message["conversation_key"]].append(message)
    hours = _hours(con, clocks, as_of)
    found = {}
    for clock in clocks:
        goal = goals.get(clock["goal_key"], {})
        agreement = agreements.get(goal.get("agreement_key"), {})
        channel = channels.get(clock["channel_id"], {})
        counts_hours = clock["basis"] == "business" and clock["schedule_id"] is not None
        found[clock["clock_id"]] = Facts(
            clock=clock,
            agreement=agreement,
            goal=goal,
            channel=channel,
            message=messages.get(clock["message_id"], {}),
            response=messages.get(clock["response_message_id"], {}),
            team=teams.get(clock["team_id"], {}),
            deleted=tuple(deleted[clock["conversation_key"]]),
            segments=tuple(segments[clock["clock_id"]]),
            zone=agreement.get("timezone") or channel.get("timezone") or "UTC",
            hours=hours.get(clock["schedule_id"]) if counts_hours else None,
            has_hours=not counts_hours or clock["schedule_id"] in hours,
            as_of=as_of,
        )
    return found


def _by_key(con: duckdb.DuckDBPyConnection, table: str, key: str, keys: Iterable[str | None]) -> dict[str | None, Row]:
    """Rows of a mart by key; none where nothing is asked for, or where the release has no such mart."""
    wanted = sorted({one for one in keys if one is not None})
    if not wanted or not has_table(con, table):
        return {}
    return {row[key]: row for row in fetch(con, f"select * from {table} where {key} {_ONE_OF}", wanted)}  # noqa: S608


def _hours(con: duckdb.DuckDBPyConnection, clocks: Sequence[Row], as_of: datetime) -> dict[str, Hours]:
    schedules = sorted(
        {clock["schedule_id"] for clock in clocks if clock["basis"] == "business" and clock["schedule_id"]}
    )
    # Releases did not always hold their hours.
    if not schedules or not has_table(con, "dim_schedule_interval"):
        return {}
    first = min(clock["started_at"] for clock in clocks)
    last = max(clock["stopped_at"] or as_of for clock in clocks)
    rows = fetch(con, _HOURS, schedules, first.replace(tzinfo=None), last.replace(tzinfo=None))
    stretches: dict[str, list[Stretch]] = {schedule: [] for schedule in schedules}
    zones = {row["schedule_id"]: row["timezone"] for row in rows}
    for row in rows:
        stretches[row["schedule_id"]].append((row["opens_at"], row["closes_at"]))
    return {name: Hours(zones.get(name, "UTC"), tuple(found)) for name, found in stretches.items()}
