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
from tests.oracle.frames import instant
from tests.oracle.model import World
from tests.oracle.monthly import GoalMonth

#: Columns of a clock that the definitions fix. Of an excluded clock only `ALWAYS` is compared: its start, reason and
#: version are evidence, its elapsed has no meaning that the definitions give.
ALWAYS = ("outcome", "excluded_reason", "metric", "agreement_version")
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
    actual = _numbered(rows)
    columns = {}
    for key in expected.keys() & actual.keys():
        is_excluded = "excluded" in (expected[key]["outcome"], actual[key]["outcome"])
        columns[key] = always if is_excluded else always + decided
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
    expected = {(m.agreement_id, m.goal_id, m.period): m for m in months}
    actual = {(row["agreement_id"], row["goal_id"], row["period"]): row for row in rows}
    ours = {
        key: {name: getattr(m, name) for name in (*columns, "attainment_rate", "decided_count")}
        for key, m in expected.items()
    }
    keys = {key for key, row in (*ours.items(), *actual.items()) if row["decided_count"]}
    found = _differences(
        {key: row for key, row in ours.items() if key in keys},
        {key: row for key, row in actual.items() if key in keys},
        dict.fromkeys(keys, columns),
    )
    for key in keys & ours.keys() & actual.keys():
        mine, theirs = ours[key]["attainment_rate"], actual[key]["attainment_rate"]
        if (mine is None) != (theirs is None) or (
            mine is not None and abs(mine - Fraction(theirs)) > Fraction(1, 10**12)
        ):
            found.append(Difference(key, "attainment_rate", mine, theirs))
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
    lines += [(m.at, f"merged into {m.parent}") for m in world.merges if m.child == conversation_id]
    lines += [(m.at, f"takes in {m.child}") for m in world.merges if m.parent == conversation_id]
    if conversation.deleted_at is not None:
        lines.append((conversation.deleted_at, "conversation deleted"))
    head = f"{conversation_id} on {conversation.channel_id} {' '.join(sorted(conversation.flags))}"
    return "\n".join([head, *(f"  {_clock(at)} {what}" for at, what in sorted(lines))])


def _clock(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%a %Y-%m-%d %H:%M:%S")
