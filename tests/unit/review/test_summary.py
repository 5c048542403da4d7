from __future__ import annotations

from datetime import UTC, date, datetime

from social_sla.landing import Landing, LandingRecord, PartitionKey
from social_sla.review.freeze import freeze
from social_sla.review.pack import write_pack
from social_sla.review.summary import run_summary, summary_text
from social_sla.settings import Settings

from tests.support.marts_fixture import RELEASE_ID


def test_the_summary_holds_what_the_run_did(settings: Settings) -> None:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    key = PartitionKey("x", "AuroraAir", "mentions", at, datetime(2026, 11, 3, tzinfo=UTC))
    Landing(settings.landing_url).replace_partition(key, [LandingRecord("1", at, "{}")], run_id="t", extracted_at=at)
    freeze(settings, [date(2026, 9, 1), date(2026, 10, 1)], run_id="run-1")
    page = write_pack(settings, date(2026, 10, 1))
    summary = run_summary(settings)
    assert summary.period == date(2026, 10, 1)
    assert summary.is_period_signed
    assert [(item.source, item.stream, item.row_count) for item in summary.landed] == [
        ("review", "signed_figures", 20),
        ("x", "mentions", 1),
    ]
    assert dict(summary.paths)["Review pack"] == page
    text = summary_text(summary, is_terminal=False)
    assert "\x1b" not in text
    assert f"Release {RELEASE_ID}, data up to 2026-11-03 00:00:00 UTC, gate passed (2 of 3 checks held)" in text
    assert "October 2026 (signed)" in text
    assert "missed 3 months in a row" in text
    assert "2 flags wait for a decision" in text
    assert str(page) in text
    assert "…" not in text


def test_the_last_month_that_could_be_judged_stands_in_for_a_reviewed_one(settings: Settings) -> None:
    summary = run_summary(settings)
    assert summary.period == date(2026, 10, 1)
    assert not summary.is_period_signed
    assert "Review pack" not in dict(summary.paths)


def test_a_terminal_gets_colour(settings: Settings) -> None:
    text = summary_text(run_summary(settings), is_terminal=True, width=160)
    assert "\x1b[" in text
    assert "Indeterminate (low_sample)" in text
