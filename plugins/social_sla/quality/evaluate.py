"""One gate run: the declared suites through Great Expectations over the warehouse, read-only.

Great Expectations takes seconds to import, so only the gate's own process (and its tests) import this module.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from social_sla.quality import gx_duckdb
from social_sla.quality.accepted import load_accepted, without_accepted
from social_sla.quality.context import CHECKPOINT, DATA_SOURCE, DECLARED, write_context
from social_sla.quality.declarations import Expectation, Suite, load_suites
from social_sla.quality.docs import build_docs
from social_sla.quality.report import CRITICAL, ExpectationResult, GateError, GateReport, now
from social_sla.quality.session import prepare, tables_of
from social_sla.warehouse.content import digest_marts

log = logging.getLogger(__name__)

_SAMPLE = 5


@dataclass(frozen=True)
class Request:
    """What to evaluate. `context_dir` is rewritten; `data_docs_dir` None builds no pages."""

    warehouse_path: Path
    marts_path: Path
    expectations_dir: Path
    context_dir: Path
    data_docs_dir: Path | None
    gate_run_id: str
    as_of: datetime | None = None


def evaluate(request: Request) -> GateReport:
    """Evaluate every declared expectation.

    Returns:
        The report, not yet stored. An expectation that could not be evaluated counts as a critical failure: a check
        that broke has checked nothing.

    Raises:
        GateError: there is no build to look at.
    """
    began, run_at = time.monotonic(), now()
    suites = _declared(request.expectations_dir)
    present = tables_of(request.warehouse_path)
    if "config.load" not in present:
        raise GateError(f"{request.warehouse_path} holds no build (config.load is missing): load and build it first.")
    runnable = [suite for suite in suites if suite.table in present]
    shutil.rmtree(request.context_dir, ignore_errors=True)
    write_context(request.context_dir, runnable, url=gx_duckdb.read_only_url(request.warehouse_path))

    gx_duckdb.silence_analytics()
    import great_expectations as gx

    _quiet()
    gx_duckdb.keep_duckdb_connected()
    with gx_duckdb.connections_prepared(lambda query: prepare(query, request.marts_path)):
        context = gx.get_context(mode="file", context_root_dir=request.context_dir)
        engine = context.data_sources.get(DATA_SOURCE).get_engine()  # type: ignore[attr-defined]
        # Held until the end: from here on nobody can write what is hashed and judged.
        with engine.connect() as connection:

            def query(sql: str) -> Sequence[Sequence[Any]]:
                return connection.exec_driver_sql(sql).fetchall()

            as_of, config_sha256 = query("select as_of, config_sha256 from config.load")[0]
            digests = digest_marts(query)
            results = [*_build_results(request, suites, present, as_of)]
            outcome = context.checkpoints.get(CHECKPOINT).run(run_id=gx.RunIdentifier(run_name=request.gate_run_id))
            for validation in outcome.run_results.values():
                results += [_result(found.to_json_dict(), runnable) for found in validation.results]
    report = GateReport(
        gate_run_id=request.gate_run_id,
        as_of=as_of.replace(tzinfo=UTC),
        run_at=run_at,
        seconds=time.monotonic() - began,
        digests=digests,
        config_sha256=config_sha256,
        results=sorted(results, key=lambda result: (result.suite, result.expectation)),
    )
    if request.data_docs_dir is not None:
        build_docs(context, request.context_dir, request.data_docs_dir, report)
    return report


def _declared(directory: Path) -> list[Suite]:
    suites = load_suites(directory / DECLARED)
    return without_accepted(suites, load_accepted(directory / "accepted.yaml"))


def _quiet() -> None:
    """GX tells every step of every metric; the report says what a reader needs."""
    import warnings

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    # GX wants schemas in the data source's connection; DuckDB's URL has no place for one.
    warnings.filterwarnings("ignore", message="`schema_name` is deprecated", category=DeprecationWarning)
    warnings.filterwarnings("ignore", module="duckdb_engine")


def _build_results(
    request: Request, suites: Sequence[Suite], present: set[str], as_of: datetime
) -> Sequence[ExpectationResult]:
    """What must hold before any table is looked at: the build is the one asked for, and it is whole."""
    missing = sorted({suite.table for suite in suites if not suite.optional} - present)
    asked = None if request.as_of is None else request.as_of.astimezone(UTC).replace(tzinfo=None)
    return [
        _own_result(
            "tables_exist",
            "information_schema.tables",
            "Every declared table must be there.",
            "select table_schema, table_name from information_schema.tables",
            [{"missing_table": table} for table in missing],
        ),
        _own_result(
            "as_of",
            "config.load",
            "The build must be of the instant that the gate was asked about.",
            "select as_of from config.load",
            [] if asked in (None, as_of) else [{"asked_for": str(asked), "built_as_of": str(as_of)}],
        ),
    ]


def _own_result(rule: str, table: str, says: str, sql: str, rows: Sequence[Mapping[str, Any]]) -> ExpectationResult:
    return ExpectationResult(
        suite="build",
        expectation=f"build.{rule}",
        mart=table,
        column_name=None,
        severity=CRITICAL,
        success=not rows,
        unexpected_count=len(rows),
        observed_value=str(len(rows)),
        message=_message(says, rows, len(rows)),
        sql=sql,
        sample=rows[:_SAMPLE],
    )


def _result(found: Mapping[str, Any], suites: Sequence[Suite]) -> ExpectationResult:
    """GX's result in the words and shape of the report."""
    configuration = found["expectation_config"]
    expectation = _declared_as(configuration["meta"]["rule"], suites)
    error = _error(found["exception_info"])
    outcome = found["result"]
    rows = [_plain(row) for row in outcome.get("details", {}).get("unexpected_rows", [])[:_SAMPLE]]
    count = None if error else int(outcome["observed_value"])
    return ExpectationResult(
        suite=expectation.suite,
        expectation=expectation.name,
        mart=expectation.table,
        column_name=", ".join(expectation.columns) or None,
        severity=CRITICAL if error else expectation.severity,
        success=bool(found["success"]) and error is None,
        unexpected_count=count,
        observed_value=None if count is None else str(count),
        message=f"{expectation.says} It could not be evaluated: {error}"
        if error
        else _message(expectation.says, rows, count or 0),
        sql=expectation.readable_sql,
        sample=rows,
    )


def _declared_as(name: str, suites: Sequence[Suite]) -> Expectation:
    return next(found for suite in suites for found in suite.expectations if found.name == name)


def _message(says: str, rows: Sequence[Mapping[str, Any]], count: int) -> str:
    if not count:
        return says
    first = ", ".join(f"{name}={value}" for name, value in rows[0].items()) if rows else ""
    return f"{says} {count} unexpected {'row' if count == 1 else 'rows'}, first: {first}."


def _error(info: Mapping[str, Any]) -> str | None:
    """The database's own words out of GX's nest of exceptions, None when there was none."""
    nested = [info, *(value for value in info.values() if isinstance(value, Mapping))]
    raised = [one for one in nested if one.get("raised_exception")]
    if not raised:
        return None
    text = " ".join(str(raised[-1].get("exception_message")).split())
    return text[:400]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | Decimal):
        return str(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
