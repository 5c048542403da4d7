"""What the warehouse says beside what the oracle says.

Typical use: build the warehouse over `frames.config_tables(world)` and `frames.canonical_tables(world)`, read
`fct_sla_clock` as a list of dicts and look at `clock_differences(all_clocks(world), rows)`; an empty list is agreement.
`describe` writes one conversation down for a person, `only` cuts a world to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from tests.oracle.clocks import Clock
from tests.oracle.figures import ErrorBudget, TeamMonth
from tests.oracle.frames import instant
from tests.oracle.frames_config import ID_PREFIX
from tests.oracle.model import FURTHER_METRICS, World
from tests.oracle.monthly import GoalMonth

#: Columns of a clock that the definitions fix. Of an excluded clock only `ALWAYS` is compared: its start, reason and
#: version are evidence, its elapsed has no meaning that the definitions give.
ALWAYS = ("outcome", "excluded_reason", "metric", "agreement_version", "team_id")
DECIDED = (
    "started_by",
    "stopped_at",
    "stop_reason",
    "due_at",
    "elapsed_seconds",
    "elapsed_business_seconds",
    "elapsed_calendar_seconds",
    "paused_seconds",
    "decided_at",
    "target_seconds",
    "target_seconds_at_start",
    "priority_at_start",
    "is_clock_skewed",
    "response_message_id",
    "team_member_id",
)
MONTH = (
    "decided_count",
    "met_count",
    "missed_count",
    "is_goal_met",
    "indeterminate_reason",
    "is_low_sample",
    "consecutive_missed_count",
)
#: Metrics whose clocks of a conversation the definitions number from 1; of turns they only say that they count up.
NUMBERED = ("resolution_cycle", *FURTHER_METRICS)
#: Field of `ErrorBudget` → column of `agreement_goal_monthly`.
BUDGET_NAMES = {
    "budget": "error_budget_count",
    "burn_rate": "error_budget_burn_rate",
    "exhausted_date": "error_budget_exhausted_date",
    "projected_date": "error_budget_projected_date",
}
_IDS = ("message_id", "response_message_id", "team_id", "team_member_id")
_INSTANTS = frozenset({"started_at", "stopped_at", "due_at", "decided_at"})


@dataclass(frozen=True)
class Difference:
    """One column of one row; `column` is `row` where only one side has the row."""

    key: tuple[Any, ...]
    column: str
    oracle: Any
    warehouse: Any

    def __str__(self) -> str:
        return f"{self.key}: {self.column} oracle={self.oracle} warehouse={self.warehouse}"


def clock_row(clock: Clock) -> dict[str, Any]:
    """A clock under the names and types of the clock mart."""
    row = {name: getattr(clock, name) for name in clock.__dataclass_fields__}
    row |= {name: instant(row[name]) for name in _INSTANTS}
    return row | {"agreement_version": clock.version, "elapsed_seconds": clock.elapsed_seconds}


def _with_own_ids(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a mart under the source's own ids, with or without `<source>:<account>:` before them."""
    own = {name: row[name] and row[name].removeprefix(ID_PREFIX) for name in _IDS if name in row}
    return {**row, **own}


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("agreement_id", "goal_id", "conversation_id", "started_at", "message_id"))


def _differences(
    expected: Mapping[tuple[Any, ...], Mapping[str, Any]],
    actual: Mapping[tuple[Any, ...], Mapping[str, Any]],
    columns: Mapping[tuple[Any, ...], tuple[str, ...]],
) -> list[Difference]:
    found = []
    for key in sorted(expected.keys() | actual.keys(), key=str):
        if key not in actual:
            found.append(Difference(key, "row", expected[key].get("outcome", "there"), None))
        elif key not in expected:
            found.append(Difference(key, "row", None, actual[key].get("outcome", "there")))
        else:
            pairs = ((name, expected[key][name], actual[key][name]) for name in columns[key])
            found += [Difference(key, name, ours, theirs) for name, ours, theirs in pairs if ours != theirs]
    return found


def clock_differences(
    clocks: Iterable[Clock],
    rows: Iterable[Mapping[str, Any]],
    always: tuple[str, ...] = ALWAYS,
    decided: tuple[str, ...] = DECIDED,
) -> list[Difference]:
    """Differences between the oracle's clocks and rows of `fct_sla_clock` (naive UTC datetimes or None).

    Rows are paired by agreement, goal, conversation, start and message, then by cycle number. `decided` is compared
    where neither side excludes the clock.
    """
    expected = _numbered(clock_row(clock) for clock in clocks)
    actual = _numbered(_with_own_ids(row) for row in rows)
    columns = {}
    for key in expected.keys() & actual.keys():
        is_excluded = "excluded" in (expected[key]["outcome"], actual[key]["outcome"])
        columns[key] = always if is_excluded else always + decided
        if expected[key]["metric"] in NUMBERED:
            columns[key] += ("cycle_number",)
    return _differences(expected, actual, columns)


def _numbered(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    groups = defaultdict(list)
    for row in rows:
        groups[_key(row)].append(row)
    found = {}
    for key, group in groups.items():
        for number, row in enumerate(sorted(group, key=lambda r: r["cycle_number"])):
            found[(*key, number)] = row
    return found


def month_differences(
    months: Iterable[GoalMonth], rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...] = MONTH
) -> list[Difference]:
    """The same for rows of `agreement_goal_monthly`, where either side has decided clocks; rates within 1e-12."""
    return _figure_differences(months, rows, ("agreement_id", "goal_id", "period"), columns, {"attainment_rate": 1e-12})


def team_month_differences(months: Iterable[TeamMonth], rows: Iterable[Mapping[str, Any]]) -> list[Difference]:
    """The same for rows of agreement × goal × team × person × period; percentiles within a millionth of a second."""
    key = ("agreement_id", "goal_id", "team_id", "team_member_id", "period")
    within = {"attainment_rate": 1e-12, "p50_seconds": 1e-6, "p90_seconds": 1e-6}
    return _figure_differences(months, rows, key, ("met_count", "missed_count", "stopped_count"), within)


def budget_differences(
    budgets: Iterable[ErrorBudget], rows: Iterable[Mapping[str, Any]], names: Mapping[str, str] = BUDGET_NAMES
) -> list[Difference]:
    """The same for the columns of the error budget; `names` says what the warehouse calls them."""
    told = [{**row, **{ours: row[theirs] for ours, theirs in names.items()}} for row in rows]
    within = {"budget": 1e-6, "burn_rate": 1e-9}
    dates = ("exhausted_date", "projected_date")
    return _figure_differences(budgets, told, ("agreement_id", "goal_id", "period"), dates, within)


def _figure_differences(
    ours: Iterable[Any],
    rows: Iterable[Mapping[str, Any]],
    key: tuple[str, ...],
    columns: tuple[str, ...],
    within: Mapping[str, float],
) -> list[Difference]:
    """`columns` must be equal, those of `within` as far apart as it says at most."""
    named = ("decided_count", *columns, *within)
    expected = {
        tuple(getattr(each, name) for name in key): {name: getattr(each, name) for name in named} for each in ours
    }
    actual = {tuple(row[name] for name in key): row for row in map(_with_own_ids, rows)}
    keys = {name for name, row in (*expected.items(), *actual.items()) if row["decided_count"]}
    found = _differences(
        {name: row for name, row in expected.items() if name in keys},
        {name: row for name, row in actual.items() if name in keys},
        dict.fromkeys(keys, columns),
    )
    for name in sorted(keys & expected.keys() & actual.keys(), key=str):
        for column, allowed in within.items():
            mine, theirs = expected[name][column], actual[name][column]
            if (mine is None) != (theirs is None) or (
                mine is not None and abs(mine - Fraction(theirs)) > Fraction(allowed)
            ):
                found.append(Difference(name, column, mine, theirs))
    return found


def summary(differences: Iterable[Difference]) -> Counter[str]:
    """How many differences of each kind: column, goal's metric and both values where these are words."""

    def word(value: Any) -> str:
        return value if isinstance(value, str | bool) or value is None else type(value).__name__

    return Counter(f"{d.key[1]} {d.column}: {word(d.oracle)} → {word(d.warehouse)}" for d in differences)


def only(world: World, *conversation_ids: str) -> World:
    """The world with these conversations and those that merges tie to them."""
    names = set(conversation_ids)
    while True:
        tied = {end for m in world.merges if {m.child, m.parent} & names for end in (m.child, m.parent)}
        if tied <= names:
            break
        names |= tied
    return replace(
        world,
        conversations={name: c for name, c in world.conversations.items() if name in names},
        messages=[m for m in world.messages if m.conversation_id in names],
        status_changes=[c for c in world.status_changes if c.conversation_id in names],
        priority_changes=[c for c in world.priority_changes if c.conversation_id in names],
        assignments=[a for a in world.assignments if a.conversation_id in names],
        merges=[m for m in world.merges if m.child in names],
    )


def describe(world: World, conversation_id: str) -> str:
    """One conversation as text, in order of time: what happened, when (UTC), and what `as_of` is."""
    conversation = world.conversations[conversation_id]
    lines: list[tuple[int, str]] = [(world.as_of, "as_of")]
    for m in world.messages:
        if m.conversation_id == conversation_id:
            facts = {
                "received": m.received_at - m.published_at or None,
                "order": m.source_order,
                "replies to": m.replies_to,
                "failed": None if m.is_delivered else True,
                "deleted": m.deleted_at and _clock(m.deleted_at),
            }
            told = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
            lines.append((m.published_at, f"{m.message_id} {m.direction} {m.author_role} {told}"))
    lines += [(c.at, f"status {c.to_status}") for c in world.status_changes if c.conversation_id == conversation_id]
    lines += [
        (c.at, f"priority {c.to_priority}") for c in world.priority_changes if c.conversation_id == conversation_id
    ]
    lines += [
        (a.at, f"held by {a.team_id} {a.team_member_id or ''}")
        for a in sorted(world.assignments, key=lambda a: (a.at, a.source_order))
        if a.conversation_id == conversation_id
    ]
    lines += [(m.at, f"merged into {m.parent}") for m in world.merges if m.child == conversation_id]
    lines += [(m.at, f"takes in {m.child}") for m in world.merges if m.parent == conversation_id]
    if conversation.deleted_at is not None:
        lines.append((conversation.deleted_at, "conversation deleted"))
    flags = " ".join(sorted(conversation.flags))
    made = f"made {_clock(conversation.created_at)}, {'with' if conversation.has_status else 'without'} statuses"
    head = f"{conversation_id} on {conversation.channel_id} {flags}, {made}"
    return "\n".join([head, *(f"  {_clock(at)} {what}" for at, what in sorted(lines, key=lambda line: line[0]))])


def _clock(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%a %Y-%m-%d %H:%M:%S")
