"""A small published release, built from the marts' contract columns, for tests that read marts.duckdb.

`build_release(path)` writes a snapshot of an invented company: five agreements, eight goals, 18 months to
`AS_OF`, clocks with segments, flags, restatements and quality results. Everything follows from fixed arithmetic.
Names can be replaced (`hostile=...`) to see what a page makes of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from tests.support.marts_schema import TABLES

AS_OF = datetime(2026, 11, 3)
FIRST_PERIOD = date(2025, 5, 1)
LAST_PERIOD = date(2026, 11, 1)
RELEASE_ID = "20261103T000000Z-0123456789ab"


@dataclass(frozen=True)
class GoalSpec:
    """One goal of the invented company. `misses` maps a month to its number of missed clocks out of `decided`."""

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
        targets={"urgent": "1.0 hours", "high": "2.0 hours", "low": "1.0 business_days"},
    ),
    GoalSpec("email-support", "next_response", "Next response", "next_response", 28800, "0.85", {"2026-09": 6}),
    GoalSpec("email-support", "full_resolution", "Full resolution", "full_resolution", 144000, "0.85"),
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


def periods() -> list[date]:
    found, period = [], FIRST_PERIOD
    while period <= LAST_PERIOD:
        found.append(period)
        period = (period + timedelta(days=32)).replace(day=1)
    return found


def build_release(
    path: Path, *, hostile: str | None = None, empty: bool = False, signed: tuple[date, ...] = ()
) -> Path:
    """Writes a release to `path` (marts.duckdb).

    Args:
        path: where; its folder is made.
        hostile: text that stands in for every name, title, reason and reference that a page could show.
        empty: the agreements are there, but no clock and no month with data.
        signed: months whose figures count as signed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    rows = _rows(hostile, empty, signed)
    con = duckdb.connect(str(path))
    try:
        for table, columns in TABLES.items():
            con.execute(f"create table {table} ({columns})")
            if rows.get(table):
                batch = pa.Table.from_pylist(rows[table])
                con.register("batch", batch)
                con.execute(f"insert into {table} by name select * from batch")
                con.unregister("batch")
        if not empty:
            con.execute(_CONSECUTIVE)
    finally:
        con.close()
    return path


_CONSECUTIVE = """
update agreement_goal_monthly as m set consecutive_missed_count = s.streak
from (
    select agreement_id, goal_id, period,
        count(*) filter (where is_goal_met = false) over (goal rows unbounded preceding) as streak
    from (
        select *, count(*) filter (where is_goal_met) over (goal rows unbounded preceding) as island
        from agreement_goal_monthly window goal as (partition by agreement_id, goal_id order by period)
    )
    window goal as (partition by agreement_id, goal_id, island order by period)
) as s
where m.agreement_id = s.agreement_id and m.goal_id = s.goal_id and m.period = s.period
"""


def _rows(hostile: str | None, empty: bool, signed: tuple[date, ...]) -> dict[str, list[dict[str, Any]]]:
    def named(text: str) -> str:
        return hostile or text

    agreements = {spec.agreement_id: spec for spec in AGREEMENTS}
    out: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for channel_id, (account, name, kind, zone) in CHANNELS.items():
        out["dim_channel"].append(
            {"channel_id": channel_id, "source": "zendesk" if channel_id.startswith("zd") else "x", "account": account,
             "name": named(name), "kind": kind, "strategic_objective": named("help"), "timezone": zone}
        )  # fmt: skip
    for spec in AGREEMENTS:
        out["dim_agreement"].append(
            {"agreement_key": _key(spec), "agreement_id": spec.agreement_id, "version": spec.version,
             "title": named(spec.title), "kind": spec.kind, "level": spec.level, "parent_agreement_id": None,
             "provider": named("Aurora Air Care"), "customer": named("Aurora Air"), "timezone": spec.timezone,
             "valid_from_date": spec.valid_from, "valid_to_date": None,
             "has_all_approvals": spec.kind != "vendor", "change_reason": named("Yearly review")}
        )  # fmt: skip
        for party_id, name, role in (("aurora", "Aurora Air", "customer"), ("other", "BrightDesk", "provider")):
            approved = not (spec.kind == "vendor" and party_id == "other")
            out["dim_party"].append(
                {"party_id": party_id, "agreement_key": _key(spec), "agreement_id": spec.agreement_id,
                 "agreement_version": spec.version, "name": named(name), "role": role, "is_approved": approved,
                 "approved_by": named("Head of Care") if approved else None,
                 "approved_date": spec.valid_from if approved else None}
            )  # fmt: skip
    for goal in GOALS:
        spec = agreements[goal.agreement_id]
        out["dim_goal"].append(
            {"goal_key": f"{_key(spec)}:{goal.goal_id}", "agreement_key": _key(spec), "goal_id": goal.goal_id,
             "agreement_id": goal.agreement_id, "title": named(goal.title), "metric": goal.metric, "basis": "business",
             "target_seconds": goal.target_seconds,
             "targets_by_priority": _targets(goal), "goal_rate": Decimal(goal.goal_rate), "inherited_from": None}
        )  # fmt: skip
        for period in [] if empty else periods():
            clocks, segments = _month_clocks(spec, goal, period, named)
            out["fct_sla_clock"] += clocks
            out["fct_sla_clock_segment"] += segments
            out["agreement_goal_monthly"].append(_month_row(spec, goal, period, clocks, named, period in signed))
        if empty:
            out["agreement_goal_monthly"].append(_month_row(spec, goal, date(2026, 10, 1), [], named, False))
    if not empty:
        out["fct_termination_review_flag"] = _flags(named)
        out["fct_restatement"] = [
            {"agreement_id": "email-support", "goal_id": "next_response", "period": date(2026, 9, 1),
             "signed_rate": 0.85, "restated_rate": 0.825, "signed_met_count": 34,
             "signed_decided_count": 40, "restated_met_count": 33, "restated_decided_count": 40,
             "reason": named("late_data"), "restated_at": AS_OF, "signed_release_id": RELEASE_ID}
        ]  # fmt: skip
    out["fct_release"] = [
        {"release_id": RELEASE_ID, "published_at": datetime(2026, 11, 3, 6), "as_of": AS_OF, "gate_status": "passed",
         "rows": 1234, "sha256": "0" * 64, "is_signed": False, "parent_release_id": None, "config_sha256": "1" * 64}
    ]  # fmt: skip
    out["fct_quality_result"] = [
        {"release_id": RELEASE_ID, "gate_run_id": "gate-1", "suite": suite, "expectation": expectation, "mart": mart,
         "column_name": column, "severity": severity, "success": success, "unexpected_count": unexpected,
         "observed_value": None, "message": named(message) if message else None, "run_at": AS_OF}
        for suite, expectation, mart, column, severity, success, unexpected, message in (
            ("marts", "expect_column_values_to_be_unique", "fct_sla_clock", "clock_id", "critical", True, 0, None),
            ("marts", "expect_column_values_to_not_be_null", "fct_sla_clock", "outcome", "critical", True, 0, None),
            ("volume", "expect_volume_as_usual", "fct_message", None, "warning", False, 3,
             "3 days with less than half of the usual volume"),
        )
    ]  # fmt: skip
    return out


def _key(spec: AgreementSpec) -> str:
    return f"{spec.agreement_id}:{spec.version}"


def _targets(goal: GoalSpec) -> str:
    return json.dumps({"default": f"{goal.target_seconds / 60} minutes", **goal.targets})


def _month_clocks(
    spec: AgreementSpec, goal: GoalSpec, period: date, named: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Weekday-morning clocks: the misses first, then two that were just in time, one excluded, one never answered."""
    misses = goal.misses.get(f"{period:%Y-%m}", goal.usual_misses)
    decided = 0 if period == LAST_PERIOD else goal.decided
    zone = ZoneInfo(spec.timezone)
    clocks, segments = [], []
    for n in range(decided + 1 if decided else 1):
        local = datetime(period.year, period.month, 1 + n % 26, 9, n % 60, 11, tzinfo=zone)
        start = local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        if start >= AS_OF:
            continue
        target = goal.target_seconds
        is_excluded, is_missed, is_silent = n == decided and decided > 0, n < misses, n == 0 and misses > 3
        elapsed = (
            target + (1 if n == 1 else 60 * n + 7) if is_missed else target * (97 if n < misses + 2 else 30) // 100
        )
        if is_silent:
            elapsed = int((AS_OF - start).total_seconds()) // 3
        pause = 3600 if goal.metric == "full_resolution" else 0
        due = start + timedelta(seconds=target + pause)
        stop = None if is_silent or is_excluded else start + timedelta(seconds=elapsed + pause)
        running = decided == 0
        outcome = "excluded" if is_excluded else "running" if running else "missed" if is_missed else "met"
        is_decided = outcome in ("met", "missed")
        clock_id = f"{goal.agreement_id}-{goal.goal_id}-{period:%Y%m}-{n:03d}"
        number = str(period.toordinal() * 100 + n)
        clocks.append(
            {"clock_id": clock_id, "goal_key": f"{_key(spec)}:{goal.goal_id}", "agreement_key": _key(spec),
             "agreement_id": goal.agreement_id, "agreement_version": spec.version, "goal_id": goal.goal_id,
             "metric": goal.metric, "source": spec.source, "channel_id": spec.channel_id,
             "conversation_id": f"{spec.source}:a:{number}", "source_conversation_id": named(number),
             "message_id": f"{spec.source}:a:m{number}", "response_message_id": None, "customer_key": "c" * 16,
             "cycle_number": 1 + n % 3 if goal.metric == "next_response" else 1, "team_id": None,
             "team_member_id": None, "priority": "normal",
             "priority_at_decision": "high" if n == 2 else "normal", "subject": "customer",
             "schedule_id": f"{spec.channel_id}-hours", "basis": "business", "target_seconds": target,
             "target_seconds_at_start": target * 2 if n == 2 else target, "goal_rate": Decimal(goal.goal_rate),
             "started_at": start, "started_by": "inbound_turn" if goal.metric == "next_response" else "first_inbound",
             "stopped_at": None if running else stop,
             "stop_reason": None if running or stop is None else "solved" if pause else "response", "due_at": due,
             "elapsed_seconds": elapsed, "elapsed_business_seconds": elapsed, "elapsed_calendar_seconds": elapsed,
             "paused_seconds": pause, "paused_business_seconds": pause,
             "outcome": outcome, "excluded_reason": "spam" if is_excluded else None,
             "excluded_evidence": named("tag spam") if is_excluded else None, "is_clock_skewed": False,
             "decided_at": min(due, stop or due) if is_decided else None,
             "decided_period": period if is_decided else None, "started_period": period}
        )  # fmt: skip
        cuts = [
            (
                "running",
                start,
                "first_inbound",
                start + timedelta(seconds=elapsed // 2),
                "status:pending" if pause else "",
            )
        ]
        if pause:
            middle = cuts[0][3]
            cuts += [("paused", middle, "status:pending", middle + timedelta(seconds=pause), "status:open")]
            cuts += [
                (
                    "running",
                    middle + timedelta(seconds=pause),
                    "status:open",
                    start + timedelta(seconds=elapsed + pause),
                    "",
                )
            ]
        else:
            cuts = [("running", start, "first_inbound", start + timedelta(seconds=elapsed), "")]
        for number_, (state, began, began_by, ended, ended_by) in enumerate(cuts, start=1):
            seconds = int((ended - began).total_seconds())
            segments.append(
                {"clock_id": clock_id, "segment_number": number_, "state": state, "began_at": began,
                 "began_by": began_by, "ended_at": ended,
                 "ended_by": ended_by or ("as_of" if stop is None else "solved" if pause else "response"),
                 "business_seconds": seconds, "calendar_seconds": seconds}
            )  # fmt: skip
    return clocks, segments


def _month_row(
    spec: AgreementSpec, goal: GoalSpec, period: date, clocks: list[dict[str, Any]], named: Any, is_signed: bool
) -> dict[str, Any]:
    outcomes = [clock["outcome"] for clock in clocks]
    met, missed = outcomes.count("met"), outcomes.count("missed")
    decided = met + missed
    wanted = Decimal(goal.goal_rate)
    attainment = met / decided if decided else None
    reason = (
        "not_whole" if period == LAST_PERIOD else "no_data" if not decided else "low_sample" if decided < 10 else None
    )
    elapsed = sorted(clock["elapsed_seconds"] for clock in clocks if clock["stopped_at"] is not None)
    return {
        "agreement_id": goal.agreement_id, "agreement_key": _key(spec), "agreement_version": spec.version,
        "goal_id": goal.goal_id, "goal_key": f"{_key(spec)}:{goal.goal_id}", "goal_title": named(goal.title),
        "metric": goal.metric, "basis": "business", "kind": spec.kind,
        "period": period, "decided_count": decided, "met_count": met, "missed_count": missed,
        "excluded_count": outcomes.count("excluded"), "running_count": outcomes.count("running"),
        "started_count": len(clocks), "stopped_count": len(elapsed), "conversation_decided_count": decided,
        "conversation_met_count": met, "conversation_missed_count": missed, "conversation_attainment_rate": attainment,
        "attainment_rate": attainment, "goal_rate": wanted,
        "is_goal_met": None if reason else met >= wanted * decided, "indeterminate_reason": reason,
        "is_low_sample": decided < 10, "is_whole_period": period != LAST_PERIOD,
        "p50_seconds": float(elapsed[len(elapsed) // 2]) if elapsed else None,
        "p90_seconds": float(elapsed[len(elapsed) * 9 // 10]) if elapsed else None, "consecutive_missed_count": 0,
        "error_budget_rate": None, "is_signed": is_signed, "signed_release_id": RELEASE_ID if is_signed else None,
    }  # fmt: skip


def _flags(named: Any) -> list[dict[str, Any]]:
    evidence = {
        "rule": "T1a",
        "periods": [
            {"period": f"2026-{month:02d}-01", "attainment_rate": share, "goal_rate": "0.9", "met_count": met,
             "decided_count": 40}
            for month, share, met in ((8, "0.8", 32), (9, "0.775", 31), (10, "0.75", 30))
        ],
    }  # fmt: skip
    missing = {"rule": "T1e", "version": 2, "missing": [{"party_id": "other", "name": named("BrightDesk")}]}
    flag = {"decided_at": None, "decision": None, "state": "raised", "raised_at": datetime(2026, 11, 1, 4)}
    return [
        {**flag, "flag_id": "f" * 16, "agreement_id": "email-support", "goal_id": "first_response",
         "reason": "same_goal_missed_consecutively", "first_period": date(2026, 8, 1),
         "last_period": date(2026, 10, 1), "missed_period_count": 3, "evidence": json.dumps(evidence)},
        {**flag, "flag_id": "e" * 16, "agreement_id": "x-australia-outsourcing", "goal_id": None,
         "reason": "missing_approval", "first_period": date(2026, 10, 1), "last_period": date(2026, 10, 1),
         "missed_period_count": 0, "evidence": json.dumps(missing)},
    ]  # fmt: skip
