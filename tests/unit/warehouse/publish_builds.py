"""Tiny builds to publish, and gate reports that let them through without running the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from social_sla.quality.report import ExpectationResult, GateReport
from social_sla.settings import Settings
from social_sla.warehouse.content import digest_marts

AS_OF = datetime(2026, 11, 3, tzinfo=UTC)


def settings_of(folder: Path) -> Settings:
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(folder)})
    settings.home.mkdir(parents=True, exist_ok=True)
    return settings


def build(settings: Settings, version: int, *, rows: int = 50, order: str = "asc") -> None:
    """A warehouse whose every row says which version it is."""
    settings.warehouse_path.unlink(missing_ok=True)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("create schema marts; create schema config; create schema intermediate")
        connection.execute(
            "create table config.load as select timestamp '2026-11-03' as as_of, 'config-1' as config_sha256"
        )
        connection.execute(
            f"create table marts.fct_sla_clock as select 'clock-' || i as clock_id, {version} as version, "
            "case when i % 3 = 0 then null else i * 1.5 end as measure "
            f"from range({rows}) numbers(i) order by i {order}"
        )
        connection.execute(
            "create table marts.agreement_goal_monthly as "
            "select 'care' as agreement_id, 'first' as goal_id, date '2026-10-01' as period, "
            f"({version} % 10) / 10.0 as attainment_rate, 100 + {version} as decided_count"
        )
        connection.execute("comment on table marts.fct_sla_clock is 'A run of a goal. It''s one row a clock.'")
        connection.execute("comment on column marts.fct_sla_clock.measure is 'A measure.'")
        connection.execute("create view marts.dim_view as select distinct version from warehouse.marts.fct_sla_clock")
        connection.execute("comment on view marts.dim_view is 'A version.'")


def passing(settings: Settings, gate_run_id: str = "gate-1", *, success: bool = True) -> GateReport:
    """A report on exactly the build that the warehouse holds."""
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        digests = digest_marts(lambda sql: connection.execute(sql).fetchall())
    result = ExpectationResult(
        suite="fct_sla_clock",
        expectation="fct_sla_clock.key",
        mart="marts.fct_sla_clock",
        column_name="clock_id",
        severity="critical",
        success=success,
        unexpected_count=0 if success else 1,
        observed_value="0" if success else "1",
        message="clock_id must be one row's only.",
        sql="select 1",
    )
    return GateReport(
        gate_run_id=gate_run_id,
        as_of=AS_OF,
        run_at=datetime(2026, 11, 3, 6, tzinfo=UTC),
        seconds=1.0,
        digests=digests,
        config_sha256="config-1",
        results=[result],
    )


def warned(report: GateReport) -> GateReport:
    return replace(report, results=[replace(report.results[0], severity="warning", success=False)])
