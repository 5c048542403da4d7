"""The review pack says what the public is told, who is told nothing, and how far it was kept (M13)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from social_sla.review.pack import write_pack
from social_sla.settings import Settings

from tests.support.marts_fixture import build_release

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    build_release(found.marts_path)
    return found


def _section(settings: Settings) -> str:
    page = write_pack(settings, OCTOBER).read_text(encoding="utf-8")
    found = re.search(r'<section class="agreement" aria-labelledby="statements">(.*?)</section>', page, re.DOTALL)
    return " ".join(
        re.sub(r"<[^>]+>", " ", found[1] if found else "").replace("&#39;", "'").replace("\u2060", "").split()
    )


def test_statements_stand_in_the_pack_with_their_place_and_what_is_wrong(settings: Settings) -> None:
    words = _section(settings)
    assert "Without a public statement: @AuroraAirAU ." in words
    assert "We answer everyone within one hour." in words
    assert "x bio , en, 35 of 160 characters · x.com/AuroraAir · verified 5 Oct 2026" in words
    assert (
        "no place named , de, 36 characters · verified never · hard to read; no place is named in which it stands"
        in words
    )


def test_the_promise_of_the_month_stands_beside_it(settings: Settings) -> None:
    words = _section(settings)
    assert "In October 2026: 72.2 % of 18 messages inside the stated hours were answered in the stated time" in words
    assert "40 % of all came outside the hours. With every second counted, 43.3 % of all were answered" in words
    assert "Hardest hour of the week: Wed 09:00 (4 not kept)." in words
    assert "Nobody wrote in this month, or nothing was promised then." in words


def test_a_release_from_before_there_were_statements_has_a_page(settings: Settings) -> None:
    with duckdb.connect(str(settings.marts_path)) as connection:
        connection.execute("drop table public_statement; drop table channel_promise_hourly")
    assert _section(settings) == ""


def test_a_release_without_promises_still_shows_the_words(settings: Settings) -> None:
    with duckdb.connect(str(settings.marts_path)) as connection:
        connection.execute("drop table channel_promise_hourly")
        connection.execute("delete from public_statement where statement_text is null")
    words = _section(settings)
    assert "Every channel has a public statement." in words
    assert "were answered in the stated time" not in words
