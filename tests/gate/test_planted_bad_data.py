"""Bad data never reach readers: each planted fault stops publishing, leaves the last release served, and says why."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from social_sla.quality.evaluate import Request, evaluate
from social_sla.quality.gate import report_path
from social_sla.quality.report import GateFailedError, GateReport
from social_sla.settings import Settings
from social_sla.warehouse.content import digest_marts
from social_sla.warehouse.publish import publish
from social_sla.warehouse.releases import list_releases

AS_OF = datetime(2026, 11, 3, tzinfo=UTC)
CLOCK = "(select min(clock_id) from marts.fct_sla_clock where outcome = 'met')"

# fault: (SQL that plants it, the mart that it is in, the rule that finds it, a row as the message names it)
FAULTS = {
    "negative duration": (
        ["update marts.fct_sla_clock set elapsed_seconds = -5, elapsed_calendar_seconds = -5 "
         f"where clock_id = {CLOCK}"],
        "marts.fct_sla_clock", "fct_sla_clock.non_negative", "elapsed_seconds -5",
    ),
    "duplicate key": (
        [f"insert into marts.fct_sla_clock select * from marts.fct_sla_clock where clock_id = {CLOCK}"],
        "marts.fct_sla_clock", "fct_sla_clock.key", "row_count=2",
    ),
    "more work than wait": (
        ["update marts.fct_sla_clock set elapsed_calendar_seconds = elapsed_calendar_seconds + 501, "
         "elapsed_seconds = elapsed_seconds + 501 where goal_id = 'work' and conversation_id = 'conversation-42'"],
        "marts.fct_sla_clock", "fct_sla_clock.work_within_wait_within_resolution", "metric=agent_work",
    ),
    "vanished message": (
        ["delete from marts.fct_sla_clock where goal_id = 'next' and conversation_id = 'conversation-42'"],
        "marts.fct_sla_clock", "fct_sla_clock.every_message_has_a_clock", "message_id=x:acme:conversation-42-3",
    ),
    "night counted as open": (
        ["update marts.fct_sla_clock_segment set business_seconds = business_seconds + 1 where clock_id = "
         "(select min(clock_id) from marts.fct_sla_clock where goal_id = 'own')"],
        "marts.fct_sla_clock_segment", "fct_sla_clock_segment.business_is_open_time", "schedule_id=office",
    ),
    "vanished month": (
        [f"delete from {table} where published_at >= timestamp '2026-08-01' and published_at < timestamp '2026-09-01'"
         for table in ("marts.fct_message", "intermediate.int_messages")],
        "marts.fct_message", "fct_message.month_collapsed", "period=2026-08-01",
    ),
    "unmapped status": (
        ["insert into intermediate.int_unmapped_statuses values ('zendesk', 'waiting_for_vendor', 17)"],
        "intermediate.int_unmapped_statuses", "int_unmapped_statuses.none", "source_status=waiting_for_vendor",
    ),
    "collapsed volume": (
        [f"delete from {table} where hash(source_message_id) % 20 <> 0 and published_at >= timestamp '2026-10-25'"
         for table in ("marts.fct_message", "intermediate.int_messages")],
        "marts.fct_message", "fct_message.last_days_collapsed", "day_count=7",
    ),
}  # fmt: skip


def run(settings: Settings, gate_run_id: str = "gate-run", *, with_docs: bool = False) -> GateReport:
    """The gate as its own process would run it, in this one: importing Great Expectations takes seconds."""
    return evaluate(
        Request(
            warehouse_path=settings.warehouse_path,
            marts_path=settings.marts_path,
            expectations_dir=settings.expectations_dir,
            context_dir=settings.home / "gate" / "context",
            data_docs_dir=settings.data_docs_dir if with_docs else None,
            gate_run_id=gate_run_id,
            as_of=AS_OF,
        )
    ).save(report_path(settings, gate_run_id))


def plant(settings: Settings, *statements: str) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        for statement in statements:
            connection.execute(statement)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, good_warehouse: Path) -> Settings:
    """A home whose good build was let through and published; also the clean-data test's subject."""
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path_factory.mktemp("home"))})
    settings.warehouse_path.write_bytes(good_warehouse.read_bytes())
    report = run(settings, "good", with_docs=True)
    assert report.success, report.text()
    publish(settings, gate=report, as_of=AS_OF)
    return settings


def test_clean_data_pass_without_a_finding(published: Settings) -> None:
    report = GateReport.load(report_path(published, "good"))
    assert report.success
    assert report.warnings == []
    assert report.counts["passed"] == report.counts["expected"] > 100


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_stops_publishing_and_readers_keep_the_last_release(
    fault: str, published: Settings, good_warehouse: Path
) -> None:
    statements, mart, rule, row = FAULTS[fault]
    served, inode = sha256(published.marts_path), published.marts_path.stat().st_ino
    releases = [release.release_id for release in list_releases(published)]
    published.warehouse_path.write_bytes(good_warehouse.read_bytes())
    plant(published, *statements)

    report = run(published, f"fault-{fault.replace(' ', '-')}")
    with pytest.raises(GateFailedError) as refused:
        publish(published, gate=report, as_of=AS_OF)

    text = str(refused.value)
    assert mart in text
    assert rule in text
    assert row in text
    assert "Nothing is published" in text
    assert (sha256(published.marts_path), published.marts_path.stat().st_ino) == (served, inode)
    assert [release.release_id for release in list_releases(published)] == releases
    stored = json.loads(report_path(published, report.gate_run_id).read_text())
    assert stored["status"] == "failed"
    assert len(stored["results"]) == report.counts["expected"]


def test_a_missing_table_a_rule_that_cannot_run_and_another_instant_stop_publishing(
    published: Settings, good_warehouse: Path
) -> None:
    published.warehouse_path.write_bytes(good_warehouse.read_bytes())
    plant(
        published,
        "drop table marts.dim_team",
        "alter table marts.fct_message drop column kind",
        "update config.load set as_of = timestamp '2026-11-02 12:00:00'",
    )
    failures = {result.expectation: result.message for result in run(published, "gone").critical_failures}
    assert "missing_table=marts.dim_team" in failures["build.tables_exist"]
    assert "could not be evaluated" in failures["fct_message.not_null"]
    assert "asked_for=2026-11-03" in failures["build.as_of"]


def test_failed_runs_are_in_the_next_release(published: Settings, good_warehouse: Path) -> None:
    published.warehouse_path.write_bytes(good_warehouse.read_bytes())
    plant(published, "update marts.dim_team set name = 'Care team'")
    with duckdb.connect(str(published.warehouse_path), read_only=True) as connection:
        digests = digest_marts(lambda sql: connection.execute(sql).fetchall())
    good = GateReport.load(report_path(published, "good"))
    report = replace(good, gate_run_id="mended", digests=digests)
    release = publish(published, gate=report, as_of=AS_OF)
    with duckdb.connect(str(release.marts_path), read_only=True) as connection:
        runs = connection.execute(
            "select gate_run_id, any_value(release_id), bool_and(success) from fct_quality_result group by 1"
        ).fetchall()
    found = {run_id: (release_id, success) for run_id, release_id, success in runs}
    assert found["mended"] == (release.release_id, True)
    assert found["good"][0] == release.parent_release_id
    assert found["fault-unmapped-status"] == (None, False)


def test_data_docs_are_static_and_need_no_network(published: Settings) -> None:
    pages = list(published.data_docs_dir.rglob("*.html"))
    index = (published.data_docs_dir / "index.html").read_text()
    assert len(pages) > 20
    assert "fct_sla_clock.met_within_target" in index
    for page in pages:
        html = page.read_text()
        # What is left are links that a person may follow; nothing is fetched.
        fetched = re.findall(r"""(?:src=|url\(|<link[^>]*href=)\s*["']?https?://""", html)
        assert fetched == [], page
