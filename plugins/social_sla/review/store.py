"""Typed, read-only reads of a published release. Every query has an order, so the same release reads the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import duckdb

Row = dict[str, Any]
T = TypeVar("T")


class ReviewError(RuntimeError):
    """The review cannot be done; the message says what is missing and what to run next."""


@dataclass(frozen=True)
class Release:
    """The published snapshot that is being read (fct_release)."""

    release_id: str
    as_of: datetime
    gate_status: str
    sha256: str | None


@dataclass(frozen=True)
class Agreement:
    """One version of an agreement (dim_agreement)."""

    agreement_key: str
    agreement_id: str
    version: int
    title: str | None
    kind: str
    level: str | None
    provider: str | None
    customer: str | None
    timezone: str
    valid_from_date: date | None
    valid_to_date: date | None
    has_all_approvals: bool | None
    parent_agreement_id: str | None = None
    change_reason: str | None = None

    @property
    def name(self) -> str:
        return self.title or self.agreement_id


@dataclass(frozen=True)
class GoalMonth:
    """One row of agreement_goal_monthly. Rates are exact decimals 0–1, durations seconds."""

    agreement_key: str
    agreement_id: str
    agreement_version: int
    goal_id: str
    goal_key: str
    goal_title: str | None
    metric: str
    basis: str
    kind: str | None
    period: date
    decided_count: int
    met_count: int
    missed_count: int
    excluded_count: int
    running_count: int
    attainment_rate: Decimal | None
    goal_rate: Decimal
    is_goal_met: bool | None
    indeterminate_reason: str | None
    is_low_sample: bool | None
    p50_seconds: Decimal | None
    p90_seconds: Decimal | None
    consecutive_missed_count: int | None
    conversation_decided_count: int | None
    conversation_met_count: int | None
    conversation_missed_count: int | None
    started_count: int | None
    stopped_count: int | None
    is_signed: bool | None
    signed_release_id: str | None

    @property
    def name(self) -> str:
        return self.goal_title or self.goal_id


@dataclass(frozen=True)
class Flag:
    """One row of fct_termination_review_flag, its evidence parsed."""

    flag_id: str
    agreement_id: str
    agreement_key: str | None
    goal_id: str | None
    reason: str
    first_period: date | None
    last_period: date
    missed_period_count: int | None
    evidence: Row
    state: str
    raised_at: datetime | None
    decided_at: datetime | None
    decision: str | None

    @property
    def is_open(self) -> bool:
        """Whether people still have to decide (T4)."""
        return self.state in ("raised", "in_review")


@dataclass(frozen=True)
class ReviewDecision:
    """One row of fct_review_decision (T4). `actions` are owner, due and what."""

    flag_id: str
    agreement_id: str
    goal_id: str | None
    decision: str
    decided_by: str
    decided_at: datetime
    reason: str
    actions: tuple[Row, ...]
    release_id: str | None


@dataclass(frozen=True)
class Party:
    """One row of dim_party: a party of an agreement version and its approval."""

    party_id: str
    agreement_key: str
    name: str | None
    role: str | None
    is_approved: bool | None
    approved_by: str | None
    approved_date: date | None


@dataclass(frozen=True)
class Restatement:
    """One row of fct_restatement: what was signed, what later data make of it (D11)."""

    agreement_id: str
    goal_id: str
    period: date
    signed_rate: Decimal | None
    restated_rate: Decimal | None
    signed_met_count: int | None
    signed_decided_count: int | None
    restated_met_count: int | None
    restated_decided_count: int | None
    reason: str | None
    restated_at: datetime | None
    signed_release_id: str | None
    signed_credit_amount: Decimal | None = None
    restated_credit_amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True)
class ServiceCredit:
    """One row of fct_service_credit: what a goal's month gives back, step by step, and what became of it (C1 to C5)."""

    agreement_id: str
    goal_id: str
    period: date
    met_count: int
    decided_count: int
    credited_elsewhere_count: int
    credited_decided_count: int
    result_rate: Decimal | None
    goal_rate: Decimal
    band: str | None
    credit_rate: Decimal | None
    fee_amount: Decimal
    base_credit_amount: Decimal | None
    consecutive_missed_count: int | None
    multiplier: Decimal
    multiplied_credit_amount: Decimal | None
    goal_cap_amount: Decimal | None
    goal_credit_amount: Decimal
    period_cap_amount: Decimal | None
    credit_amount: Decimal
    currency: str
    cap_applied: str
    why: str
    excluded_by: str | None
    excluded_reason: str | None
    excluded_evidence: str | None
    status: str
    approved_amount: Decimal | None
    decided_by: str | None
    decided_date: date | None
    decision_reason: str | None
    applied_by: str | None
    applied_date: date | None
    applied_reference: str | None
    earn_back_state: str
    earned_back_period: date | None
    earned_back_amount: Decimal
    net_credit_amount: Decimal
    is_signed: bool | None


@dataclass(frozen=True)
class QualityResult:
    """One expectation's outcome for the release (fct_quality_result)."""

    suite: str
    expectation: str
    mart: str | None
    column_name: str | None
    severity: str
    success: bool
    unexpected_count: int | None
    message: str | None


@contextmanager
def open_marts(marts_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The served snapshot, read-only; closed at the end so that the next open sees a newer release.

    Raises:
        ReviewError: nothing has been published yet.
    """
    if not marts_path.exists():
        raise ReviewError(f"There is no published release at {marts_path}: run the pipeline first (`make run`).")
    con = duckdb.connect(str(marts_path), read_only=True)
    try:
        yield con
    finally:
        con.close()


def fetch(con: duckdb.DuckDBPyConnection, sql: str, *parameters: object, **named: object) -> list[Row]:
    """Rows as dicts; naive timestamps, which are UTC throughout the warehouse, become aware ones.

    Args:
        sql: with `?` for `parameters`, or `$name` for `named`.
    """
    cursor = con.execute(sql, named or list(parameters))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, map(_aware, row), strict=True)) for row in cursor.fetchall()]


def _aware(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def has_table(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the release has the mart: a release made before a mart existed can still be reviewed."""
    found = con.execute(
        "select 1 from information_schema.tables where table_schema = current_schema() and table_name = ?", [name]
    ).fetchone()
    return found is not None


def _typed(kind: type[T], row: Row) -> T:
    """A dataclass from a row: columns that it does not name are left out, those that are absent are null."""
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value = row.get(field.name)
        if value is not None and "Decimal" in str(field.type):
            value = Decimal(str(value))
        values[field.name] = value
    return kind(**values)


def release(con: duckdb.DuckDBPyConnection) -> Release:
    """The release of this snapshot: the newest row of fct_release.

    Raises:
        ReviewError: the snapshot says nothing about its release.
    """
    rows = fetch(con, "select * from fct_release order by published_at desc, as_of desc, release_id desc limit 1")
    if not rows:
        raise ReviewError("The published marts hold no row in fct_release: publish again before reviewing.")
    return _typed(Release, rows[0])


def goal_months(con: duckdb.DuckDBPyConnection, last: date | None = None) -> list[GoalMonth]:
    """All months up to and with `last` (all of them by default), by agreement, goal and month."""
    rows = fetch(
        con,
        "select * from agreement_goal_monthly where period <= ? order by agreement_id, goal_id, period",
        last or date.max,
    )
    return [_typed(GoalMonth, row) for row in rows]


def goal_names(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """What goals are called, by agreement and goal: the newest version's name."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for row in goal_months(con):
        names[row.agreement_id][row.goal_id] = row.name
    return names


def agreements(con: duckdb.DuckDBPyConnection) -> dict[str, Agreement]:
    """Every agreement version by its key."""
    rows = fetch(con, "select * from dim_agreement order by agreement_id, version")
    return {row["agreement_key"]: _typed(Agreement, row) for row in rows}


def flags(con: duckdb.DuckDBPyConnection, period: date) -> list[Flag]:
    """The flags that the close of `period` raised, and earlier ones that still wait for a decision."""
    rows = fetch(
        con,
        "select * from fct_termination_review_flag"
        " where last_period = ? or (last_period < ? and state in ('raised', 'in_review'))"
        " order by agreement_id, last_period desc, reason, goal_id, flag_id",
        period,
        period,
    )
    return [_typed(Flag, {**row, "evidence": _json(row["evidence"])}) for row in rows]


def all_flags(con: duckdb.DuckDBPyConnection) -> list[Flag]:
    """Every flag, oldest month first."""
    rows = fetch(
        con,
        "select * from fct_termination_review_flag order by last_period, agreement_id, reason, goal_id, flag_id",
    )
    return [_typed(Flag, {**row, "evidence": _json(row["evidence"])}) for row in rows]


def decisions(con: duckdb.DuckDBPyConnection) -> list[ReviewDecision]:
    """What people decided on flags, newest first."""
    if not has_table(con, "fct_review_decision"):
        return []
    rows = fetch(con, "select * from fct_review_decision order by decided_at desc, flag_id")
    return [_typed(ReviewDecision, {**row, "actions": tuple(json.loads(row["actions"] or "[]"))}) for row in rows]


def _json(value: Any) -> Row:
    parsed = json.loads(value) if isinstance(value, str) else value
    return parsed if isinstance(parsed, dict) else {}


def parties(con: duckdb.DuckDBPyConnection) -> list[Party]:
    rows = fetch(con, "select * from dim_party order by agreement_key, party_id")
    return [_typed(Party, row) for row in rows]


def restatements(con: duckdb.DuckDBPyConnection, last: date) -> list[Restatement]:
    """Restated figures of months up to and with `last`, newest month first."""
    if not has_table(con, "fct_restatement"):
        return []
    rows = fetch(
        con,
        "select * from fct_restatement where period <= ? order by agreement_id, period desc, goal_id, restated_at",
        last,
    )
    return [_typed(Restatement, row) for row in rows]


def service_credits(con: duckdb.DuckDBPyConnection, period: date) -> list[ServiceCredit]:
    """The month's credits and those of earlier months that it earned back, by agreement, month and precedence."""
    if not has_table(con, "fct_service_credit"):
        return []
    rows = fetch(
        con,
        "select * from fct_service_credit where period = ? or earned_back_period = ?"
        " order by agreement_id, period desc, precedence, goal_id",
        period,
        period,
    )
    return [_typed(ServiceCredit, row) for row in rows]


def quality_results(con: duckdb.DuckDBPyConnection, release_id: str) -> list[QualityResult]:
    """What the gate said of the release in its last run over it: failures first."""
    if not has_table(con, "fct_quality_result"):
        return []
    rows = fetch(
        con,
        "select * from fct_quality_result where release_id = ?"
        " qualify gate_run_id = last_value(gate_run_id) over (order by run_at, gate_run_id"
        " rows between unbounded preceding and unbounded following)"
        " order by success, severity, suite, mart, column_name, expectation, message",
        release_id,
    )
    return [_typed(QualityResult, row) for row in rows]
