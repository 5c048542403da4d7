"""A small published release, built from the marts' contract columns, for tests that read marts.duckdb.

`build_release(path)` writes a snapshot of an invented company (marts_company): five agreements, ten goals, 18 months to
`AS_OF`, clocks with segments and messages (marts_clocks), hours, flags, restatements and quality results. Everything
follows from fixed arithmetic. Names can be replaced (`hostile=...`) to see what a page makes of them.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from tests.support.marts_clocks import Row, month_rows
from tests.support.marts_company import (
    AGREEMENTS,
    AS_OF,
    CHANNELS,
    GOALS,
    LAST_PERIOD,
    RELEASE_ID,
    TEAMS,
    AgreementSpec,
    GoalSpec,
    hours_of,
    periods,
)
from tests.support.marts_credits import credit_rows
from tests.support.marts_schema import TABLES

__all__ = ["AGREEMENTS", "AS_OF", "GOALS", "RELEASE_ID", "build_release"]


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
        out["dim_schedule_interval"] += _intervals(channel_id, zone)
    out["dim_team"] = [
        {"team_id": team_id, "source": "zendesk", "account": "auroraair", "source_team_id": team_id.rpartition(":")[2],
         "name": named(name), "is_deleted": False}
        for team_id, name in TEAMS.items()
    ]  # fmt: skip
    for spec in AGREEMENTS:
        out["dim_agreement"].append(
            {"agreement_key": spec.key, "agreement_id": spec.agreement_id, "version": spec.version,
             "title": named(spec.title), "kind": spec.kind, "level": spec.level, "parent_agreement_id": None,
             "provider": named("Aurora Air Care"), "customer": named("Aurora Air"), "timezone": spec.timezone,
             "valid_from_date": spec.valid_from, "valid_to_date": None,
             "has_all_approvals": spec.kind != "vendor", "change_reason": named("Yearly review")}
        )  # fmt: skip
        for party_id, name, role in (("aurora", "Aurora Air", "customer"), ("other", "BrightDesk", "provider")):
            approved = not (spec.kind == "vendor" and party_id == "other")
            out["dim_party"].append(
                {"party_id": party_id, "agreement_key": spec.key, "agreement_id": spec.agreement_id,
                 "agreement_version": spec.version, "name": named(name), "role": role, "is_approved": approved,
                 "approved_by": named("Head of Care") if approved else None,
                 "approved_date": spec.valid_from if approved else None}
            )  # fmt: skip
    for goal in GOALS:
        spec = agreements[goal.agreement_id]
        out["dim_goal"].append(
            {"goal_key": f"{spec.key}:{goal.goal_id}", "agreement_key": spec.key, "goal_id": goal.goal_id,
             "agreement_id": goal.agreement_id, "title": named(goal.title), "metric": goal.metric, "basis": goal.basis,
             "subject": goal.subject, "schedule_id": f"{spec.channel_id}-hours" if goal.basis == "business" else None,
             "responder": "human", "target_seconds": goal.target_seconds,
             "pause_statuses": goal.pause_statuses, "teams": goal.teams,
             "targets_by_priority": _targets(goal), "goal_rate": Decimal(goal.goal_rate), "inherited_from": None}
        )  # fmt: skip
        for period in [] if empty else periods():
            rows = month_rows(spec, goal, period, named)
            out["fct_sla_clock"] += rows.clocks
            out["fct_sla_clock_segment"] += rows.segments
            out["fct_message"] += rows.messages
            out["agreement_goal_monthly"].append(_month_row(spec, goal, period, rows.clocks, named, period in signed))
        if empty:
            out["agreement_goal_monthly"].append(_month_row(spec, goal, date(2026, 10, 1), [], named, False))
    if not empty:
        out["fct_termination_review_flag"] = _flags(named)
        out["fct_service_credit"] = credit_rows(named)
        out["fct_restatement"] = [
            {"agreement_id": "email-support", "goal_id": "next_response", "period": date(2026, 9, 1),
             "signed_rate": 0.85, "restated_rate": 0.825, "signed_met_count": 34,
             "signed_decided_count": 40, "restated_met_count": 33, "restated_decided_count": 40,
             "reason": named("late_data"), "signed_credit_amount": Decimal(0),
             "restated_credit_amount": Decimal("1680.00"), "currency": "USD",
             "restated_at": AS_OF, "signed_release_id": RELEASE_ID}
        ]  # fmt: skip
    out["public_statement"] = [_statement(channel_id, named) for channel_id in CHANNELS]
    out["channel_promise_hourly"] = [
        {"channel_id": "x_global", "period": date(2026, 10, 1), "hour_of_week": hour, "message_count": 10,
         "promised_count": promised, "kept_count": kept, "outside_hours_count": 10 - promised,
         "calendar_decided_count": 10, "calendar_kept_count": kept}
        for hour, promised, kept in ((2, 0, 0), (30, 8, 7), (57, 10, 6))
    ]  # fmt: skip
    if not empty:
        out["channel_volume_monthly"] = [
            {"channel_id": "x_global", "period": date(2026, 10, 1), "listened_count": 1200, "assistance_count": 300,
             "unknown_intent_count": 700, "actionable_count": 1000, "answered_count": 720, "never_answered_count": 180,
             "never_answered_rate": 0.2, "pending_count": 100, "measurable_count": 900, "measurable_share": 1.0,
             "never_viewed_count": 45, "peak_met_count": 30, "peak_decided_count": 50, "peak_attainment_rate": 0.6,
             "other_met_count": 90, "other_decided_count": 100, "other_attainment_rate": 0.9, "headroom_ratio": 0.99},
            {"channel_id": "x_australia", "period": date(2026, 10, 1), "listened_count": 3, "assistance_count": None,
             "unknown_intent_count": 3, "actionable_count": 0, "answered_count": 0, "never_answered_count": 0,
             "pending_count": 0, "measurable_count": 0, "peak_decided_count": 0},
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


def _statement(channel_id: str, named: Any) -> Row:
    """X says something in two languages; Australia says nothing; the others, in one."""
    agreement = next((spec for spec in AGREEMENTS if spec.channel_id == channel_id), None)
    if channel_id == "x_australia" or agreement is None:
        return {"channel_id": channel_id, "problem": "no_statement", "statements": "[]"}
    texts = {"en": named("We answer everyone within one hour.")}
    if channel_id == "x_global":
        texts["de"] = named("Wir antworten allen in einer Stunde.")
    wordings = [
        {"placement": "x_bio" if language == "en" else None, "language": language, "statement_text": text,
         "character_count": len(text), "character_limit": 160 if language == "en" else None,
         "statement_url": "https://x.com/AuroraAir" if language == "en" else None,
         "verified_at": "2026-10-04 23:00:00" if language == "en" else None,
         "problem": None if language == "en" else "hard_to_read, not_published"}
        for language, text in texts.items()
    ]  # fmt: skip
    return {
        "channel_id": channel_id, "agreement_id": agreement.agreement_id, "agreement_key": agreement.key,
        "statement_text": texts["en"], "statements": json.dumps(wordings),
    }  # fmt: skip


def _intervals(channel_id: str, zone: str) -> list[Row]:
    return [
        {"schedule_id": f"{channel_id}-hours", "timezone": zone, "opens_at": opens, "closes_at": closes,
         "local_date": opens.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).date()}
        for opens, closes in hours_of(channel_id).stretches
    ]  # fmt: skip


def _targets(goal: GoalSpec) -> str:
    return json.dumps({"default": f"{goal.target_seconds / 60} minutes", **goal.targets})


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
        "agreement_id": goal.agreement_id, "agreement_key": spec.key, "agreement_version": spec.version,
        "goal_id": goal.goal_id, "goal_key": f"{spec.key}:{goal.goal_id}", "goal_title": named(goal.title),
        "metric": goal.metric, "basis": goal.basis, "kind": spec.kind,
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
