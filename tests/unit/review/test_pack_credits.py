"""The pack's section of service credits: every step in words, decisions, earn-back; one line where there are none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from social_sla.review.pack import write_pack
from social_sla.review.pack_credits import NO_CREDITS_AGREED
from social_sla.review.words import money
from social_sla.settings import Settings

from tests.support.marts_fixture import build_release
from tests.unit.review.conftest import settings_in
from tests.unit.review.test_pack import OCTOBER, Page


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_in(tmp_path_factory.mktemp("pack"))
    build_release(settings.marts_path)
    for period in (date(2026, 8, 1), date(2026, 9, 1), OCTOBER):
        write_pack(settings, period)
    return settings


def words_of(settings: Settings, folder: str) -> str:
    return Page((settings.review_dir / folder / "index.html").read_text(encoding="utf-8")).words


def test_a_credit_is_told_step_by_step(written: Settings) -> None:
    october = words_of(written, "2026-10")
    assert "by rules C1 to C5; together 4,200.00 USD." in october
    steps = (
        "30 of 40 met, in the band [0.7, 0.8): 8 % of 42,000.00 USD (C1): 3,360.00 USD.",
        "Times 1.5, missed month 3 in a row (C2): 5,040.00 USD.",
        "Cap of one goal (C2): 4,200.00 USD. 4,200.00 USD Proposed: waits for a decision; may still be earned back",
    )
    places = [october.index(step) for step in steps]
    assert places == sorted(places)
    assert "No credit: the goal was met." in october


def test_decisions_are_told_with_who_when_and_why(written: Settings) -> None:
    assert (
        "Approved 1,680.00 USD by Head of Passenger Experience, 10 Sep 2026: As proposed; applied by Finance, "
        "1 Oct 2026 (CN-2026-0917)"
    ) in words_of(written, "2026-08")
    assert "Approved 3,360.00 USD by Head of Passenger Experience, 8 Oct 2026: As proposed" in words_of(
        written, "2026-09"
    )


def test_what_the_month_earned_back_is_told_in_it_and_in_the_month_of_the_credit(written: Settings) -> None:
    earned = (
        "1,680.00 USD of the credit of August 2026 for Next response: the months since then exceeded the goal (C2)."
    )
    assert earned in words_of(written, "2026-10")
    assert earned not in words_of(written, "2026-09")
    assert "; 1,680.00 USD earned back in October 2026" in words_of(written, "2026-08")


def test_one_line_says_that_there_are_none(written: Settings) -> None:
    october = words_of(written, "2026-10")
    # Five agreements: one with a credit, one that excludes its month, three that give none.
    assert october.count(NO_CREDITS_AGREED) == 3
    line = "No service credit for this month. First response: excluded by Steering board, Strike (evidence: Notice 12)."
    assert line in october


def test_a_release_from_before_there_were_credits_still_has_a_pack(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    build_release(settings.marts_path)
    con = duckdb.connect(str(settings.marts_path))
    con.execute("drop table fct_service_credit")
    con.close()
    words = Page(write_pack(settings, OCTOBER).read_text(encoding="utf-8")).words
    assert words.count(NO_CREDITS_AGREED) == 5


def test_a_restated_credit_stands_beside_the_signed_one(written: Settings) -> None:
    october = words_of(written, "2026-10")
    assert "34 of 40 credit 0.00 USD" in october
    assert "33 of 40 credit 1,680.00 USD" in october


def test_a_flag_for_credits_shows_the_months_that_reached_the_share(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    build_release(settings.marts_path)
    evidence = (
        '{"rule":"T1d","required_periods":2,"of_periods":3,"fee_share":"0.040000","credits":['
        '{"period":"2026-08-01","credit_amount":"1680.000","fee_amount":"42000.000","currency":"USD"}]}'
    )
    con = duckdb.connect(str(settings.marts_path))
    con.execute(
        "insert into fct_termination_review_flag by name select 'd' as flag_id, 'email-support' as agreement_id, "
        "'credits_over_share_of_fees' as reason, date '2026-08-01' as first_period, date '2026-10-01' as last_period, "
        "2 as missed_period_count, ?::json as evidence, 'raised' as state",
        [evidence],
    )
    con.close()
    words = Page(write_pack(settings, OCTOBER).read_text(encoding="utf-8")).words
    assert "Credits reached 4 % of the fee in 2 months of the last 3" in words
    assert "August 2026: credits of 1,680.00 USD, fee 42,000.00 USD" in words


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1680", "USD", "1,680.00 USD"),
        ("1680.5", "USD", "1,680.50 USD"),
        ("51", "JPY", "51 JPY"),
        ("50.5", "JPY", "50.5 JPY"),
        ("0.000", "KWD", "0.000 KWD"),
        ("1234567.123456789", "EUR", "1,234,567.123456789 EUR"),
        (None, "EUR", "–"),
    ],
)
def test_money_is_shown_whole(amount: str | None, currency: str, shown: str) -> None:
    assert money(amount, currency) == shown
