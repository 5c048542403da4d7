"""Months of the credit oracle as the tables that the dbt models of credits read, and how to run these."""

# ruff: noqa: E501 - rows read better in long lines than in torn ones.

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from social_sla.agreements.table_schemas import TABLE_SCHEMAS

from tests.oracle.credits import Month, Terms
from tests.oracle.monthly import next_month
from tests.support.engine import Engine

GIVEN = ("int_goal_period_counts", "int_goal_periods", "fct_sla_clock", "int_approval_streaks")
MARTS = ("fct_service_credit", "fct_restatement", "fct_termination_review_flag")
AGREEMENT = "a"
MINIMUM_SAMPLE = 5
AS_OF = datetime(2028, 1, 1)

_COUNTS = (
    "excluded",
    "running",
    "started",
    "stopped",
    "conversation_decided",
    "conversation_met",
    "conversation_missed",
)
_GIVEN_COLUMNS = {
    "intermediate.int_goal_period_counts": (
        "agreement_id VARCHAR, goal_id VARCHAR, period DATE, decided_count BIGINT, met_count BIGINT, missed_count BIGINT, "
        + "".join(f"{name}_count BIGINT, " for name in _COUNTS)
        + "cohort_met_count BIGINT, cohort_missed_count BIGINT, p50_seconds DOUBLE, p90_seconds DOUBLE"
    ),
    "intermediate.int_goal_periods": (
        "agreement_id VARCHAR, goal_id VARCHAR, period DATE, agreement_key VARCHAR, agreement_version BIGINT, "
        "goal_key VARCHAR, metric VARCHAR, basis VARCHAR, goal_rate DECIMAL(9,6), ends_at TIMESTAMP, is_whole_period BOOLEAN"
    ),
    "intermediate.int_approval_streaks": (
        "agreement_id VARCHAR, agreement_key VARCHAR, version BIGINT, period DATE, ends_at TIMESTAMP, raises_flags BOOLEAN, "
        "is_missed BOOLEAN, missing_parties VARCHAR, consecutive_missed_count BIGINT, streak_first_period DATE, "
        "streak_last_missed_period DATE, is_streak_ended BOOLEAN"
    ),
    "marts.fct_sla_clock": (
        "agreement_id VARCHAR, agreement_version BIGINT, goal_id VARCHAR, conversation_key BIGINT, decided_period DATE, "
        "outcome VARCHAR"
    ),
}
_FILLERS: dict[str, Any] = {
    "string": "x",
    "bool": True,
    "int64": 1,
    "date32[day]": date(2026, 1, 1),
    "timestamp[us]": AS_OF,
}


def compile_engine(directory: Path) -> Engine:
    """The models of credits, restatements and flags, from counted months on."""
    return Engine.compile(directory, given=GIVEN, marts=MARTS)


def run(engine: Engine, months: Sequence[Month]) -> duckdb.DuckDBPyConnection:
    """The marts of one agreement's months; each different `Terms` is a version."""
    con = duckdb.connect()
    engine.prepare(con)
    for name, columns in _GIVEN_COLUMNS.items():
        con.execute(f"create table {name} ({columns})")
    versions: list[Terms] = []
    for month in sorted(months, key=lambda m: m.period):
        if month.terms not in versions:
            versions.append(month.terms)
    rows = {**_config_rows(months, versions), **_month_rows(months, versions)}
    for name, schema in TABLE_SCHEMAS.items():
        table = [_filled(row, schema) for row in rows.pop(f"config.{name}", [])]
        con.register("given_rows", pa.Table.from_pylist(table, schema=schema))
        con.execute(f"create table config.{name} as select * from given_rows")
    for name, table in rows.items():
        if table:
            con.register("given_rows", pa.Table.from_pylist(table))
            con.execute(f"insert into {name} by name select * from given_rows")
    for model in engine.models:
        engine.create(con, model)
    return con


def _filled(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """Columns that no model of credits reads, but that may not be null, hold anything."""
    return {
        field.name: row.get(field.name, None if field.nullable else _FILLERS.get(str(field.type))) for field in schema
    }


def _share(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / Decimal(value.denominator)


def _config_rows(months: Sequence[Month], versions: Sequence[Terms]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("agreements", "credit_terms", "credit_fees", "credit_bands", "credit_exclusions")
    }
    rows |= {"credit_decisions": [], "waivers": [], "load": [{"as_of": AS_OF}]}
    for number, terms in enumerate(versions, start=1):
        key = f"{AGREEMENT}.v{number}"
        flag = terms.flag or (None, None, None)
        rows["agreements"].append(
            {
                "agreement_key": key, "agreement_id": AGREEMENT, "minimum_sample": MINIMUM_SAMPLE, "flag_scope": "same_goal",
                "flag_consecutive_periods": 99, "flag_credit_fee_rate": _share(flag[0]), "flag_credit_periods": flag[1],
                "flag_credit_of_periods": flag[2], "raises_flags": True,
            }
        )  # fmt: skip
        repeat, earn_back = terms.repeat or (None, None), terms.earn_back or (None, None)
        rows["credit_terms"].append(
            {
                "agreement_key": key, "currency": terms.currency, "minor_unit": terms.minor_unit, "rounding": terms.rounding,
                "goal_cap_rate": _share(terms.goal_cap), "cap_rate": _share(terms.cap),
                "repeat_consecutive_periods": repeat[0], "repeat_multiplier": _share(repeat[1]),
                "earn_back_periods": earn_back[0], "earn_back_rate": _share(earn_back[1]),
            }
        )  # fmt: skip
        ends = [first for first, _ in terms.fees[1:]]
        rows["credit_fees"] += [
            {"agreement_key": key, "from_period": first, "to_period": end, "fee_amount": amount}
            for (first, amount), end in zip(terms.fees, [*ends, None], strict=True)
        ]
        for goal_id, bands in terms.bands.items():
            lower = [*(below for below, _ in bands[1:]), Fraction(0)]
            rows["credit_bands"] += [
                {
                    "agreement_key": key, "goal_id": goal_id, "precedence": terms.precedence.index(goal_id) + 1,
                    "band": f"under {below}", "from_rate": _share(low), "below_rate": _share(below),
                    "credit_rate": _share(credit),
                }
                for (below, credit), low in zip(bands, lower, strict=True)
            ]  # fmt: skip
    for month in months:
        key = {"agreement_id": AGREEMENT, "goal_id": month.goal_id, "period": month.period}
        decided = month.met_count + len(month.missed)
        if month.is_excluded:
            rows["credit_exclusions"].append(key)
        if month.verdict is None and decided >= MINIMUM_SAMPLE:
            rows["waivers"].append(key)
        made = {"decided_by": "Board", "decided_date": date(2027, 12, 1), "reason": "reviewed"}
        if month.is_rejected:
            rows["credit_decisions"].append({**key, **made, "decision": "rejected"})
        elif month.approved is not None:
            rows["credit_decisions"].append({**key, **made, "decision": "approved", "amount": month.approved})
    return {f"config.{name}": table for name, table in rows.items()}


def _month_rows(months: Sequence[Month], versions: Sequence[Terms]) -> dict[str, list[dict[str, Any]]]:
    counts, periods, clocks, signed = [], [], [], []
    for month in months:
        key = {"agreement_id": AGREEMENT, "goal_id": month.goal_id, "period": month.period}
        missed = len(month.missed)
        number = versions.index(month.terms) + 1
        zeros = {f"{name}_count": 0 for name in (*_COUNTS, "cohort_met", "cohort_missed")}
        counts.append(
            {
                **key,
                **zeros,
                "decided_count": month.met_count + missed,
                "met_count": month.met_count,
                "missed_count": missed,
            }
        )
        ends_at = datetime.combine(next_month(month.period), datetime.min.time())
        periods.append(
            {
                **key, "agreement_key": f"{AGREEMENT}.v{number}", "agreement_version": number,
                "goal_key": f"{AGREEMENT}.v{number}.{month.goal_id}", "metric": "first_response", "basis": "calendar",
                "goal_rate": _share(month.goal_rate), "ends_at": ends_at, "is_whole_period": True,
            }
        )  # fmt: skip
        clocks += [
            {
                "agreement_id": AGREEMENT, "agreement_version": number, "goal_id": month.goal_id,
                "conversation_key": conversation, "decided_period": month.period, "outcome": "missed",
            }
            for conversation in month.missed
        ]  # fmt: skip
        if month.signed_counts:
            signed.append(_signed_row(month))
    return {
        "intermediate.int_goal_period_counts": counts,
        "intermediate.int_goal_periods": periods,
        "marts.fct_sla_clock": clocks,
        "landing.review__signed_figures": signed,
    }


def _signed_row(month: Month) -> dict[str, Any]:
    met, decided = month.signed_counts or (0, 0)
    payload: dict[str, Any] = {
        "agreement_id": AGREEMENT, "goal_id": month.goal_id, "period": month.period.isoformat(), "decided_count": decided,
        "met_count": met, "missed_count": decided - met, "goal_rate": str(_share(month.goal_rate)), "release_id": "r1",
        "is_goal_met": month.signed_verdict, "indeterminate_reason": "waived" if month.signed_verdict is None else None,
    }  # fmt: skip
    if month.signed_credit:
        rate = month.signed_credit.credit_rate
        payload["credit"] = {
            "currency": month.terms.currency, "credit_rate": None if rate is None else str(rate),
            "credit_amount": str(month.signed_credit.credit_amount), "why": month.signed_credit.why, "cap_applied": "none",
            "fee_amount": str(month.terms.fee(month.period)), "credited_decided_count": str(decided),
            "credited_elsewhere_count": "0", "multiplier": "1", "goal_credit_amount": str(month.signed_credit.credit_amount),
        }  # fmt: skip
    return {
        "record_id": f"{AGREEMENT}|{month.goal_id}|{month.period}", "record_updated_at": AS_OF, "extracted_at": AS_OF,
        "payload": json.dumps(payload),
    }  # fmt: skip


def judged(month: Month) -> Month:
    """The month with the verdict that its counts give (M6, T3)."""
    decided = month.met_count + len(month.missed)
    verdict = None if decided < MINIMUM_SAMPLE else Fraction(month.met_count, decided) >= month.goal_rate
    return replace(month, verdict=verdict)
