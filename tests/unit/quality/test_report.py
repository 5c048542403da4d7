"""The report: verdict, words, storage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from social_sla.quality.report import ExpectationResult, GateError, GateFailedError, GateReport
from social_sla.warehouse.content import MartDigest

FAILED = ExpectationResult(
    suite="fct_sla_clock",
    expectation="fct_sla_clock.key",
    mart="marts.fct_sla_clock",
    column_name="clock_id",
    severity="critical",
    success=False,
    unexpected_count=2,
    observed_value="2",
    message="clock_id must be one row's only. 2 unexpected rows, first: clock_id=abc, row_count=2.",
    sql="select clock_id\nfrom marts.fct_sla_clock",
    sample=[{"clock_id": "abc", "row_count": 2}],
)
REPORT = GateReport(
    gate_run_id="manual__2026-11-03T00:00:00+00:00",
    as_of=datetime(2026, 11, 3, tzinfo=UTC),
    run_at=datetime(2026, 11, 3, 6, tzinfo=UTC),
    seconds=7.25,
    digests={"fct_sla_clock": MartDigest(3, "a" * 64)},
    config_sha256=None,
    results=[
        FAILED,
        replace(FAILED, expectation="fct_sla_clock.other", severity="warning"),
        replace(FAILED, success=True),
    ],
)


def test_the_text_names_mart_rule_rows_and_how_to_see_them() -> None:
    text = REPORT.text()
    assert text.startswith("The gate FAILED for the build as of 2026-11-03 00:00:00 UTC: 1 of 3 expectations hold")
    assert "[critical] marts.fct_sla_clock: clock_id must be one row's only." in text
    assert "(rule fct_sla_clock.key)" in text
    assert "  clock_id=abc, row_count=2" in text
    assert "    select clock_id\n    from marts.fct_sla_clock" in text
    assert "[warning] marts.fct_sla_clock" in text
    assert text.endswith("Nothing is published; readers keep the last release.")
    assert str(REPORT) == text


def test_a_critical_failure_fails_and_a_warning_only_warns() -> None:
    assert not REPORT.success
    assert REPORT.status == "failed"
    with pytest.raises(GateFailedError, match="clock_id=abc"):
        REPORT.raise_if_failed()
    warned = replace(REPORT, results=REPORT.results[1:])
    assert warned.raise_if_failed() is warned
    assert warned.status == "passed_with_warnings"
    assert replace(REPORT, results=REPORT.results[2:]).status == "passed"


def test_a_flood_of_failures_is_cut_and_says_where_the_rest_is() -> None:
    flood = replace(REPORT, results=[FAILED] * 30, path=Path("/home/gate/run.json"))
    assert "... and 10 more in /home/gate/run.json" in flood.text()
    assert flood.counts == {"expected": 30, "passed": 0, "critical_failed": 30, "warning_failed": 0}


def test_storing_and_loading_keeps_everything_and_the_earlier_run(tmp_path: Path) -> None:
    path = tmp_path / "gate" / "run.json"
    saved = REPORT.save(path)
    assert saved.path == path
    assert GateReport.load(path) == saved == replace(REPORT, path=path)
    assert saved.release_id == REPORT.release_id
    passed = replace(REPORT, results=REPORT.results[2:]).save(path)
    assert GateReport.load(path) == passed
    assert GateReport.load(path.with_name("run~1.json")) == saved


def test_a_report_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="run the gate"):
        GateReport.load(tmp_path / "run.json")
