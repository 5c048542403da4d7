"""The review pack says what came in on every channel, and what nobody answered or opened (M7 to M11)."""

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
    found = re.search(r'<section class="agreement" aria-labelledby="volume">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1] if found else "").replace("\u2060", "").split())


def test_every_channel_has_its_month(settings: Settings) -> None:
    words = _section(settings)
    assert "@AuroraAir 1,200 300 700 unknown 720 180 20 % 100 45 5 % 60 % 90 % 0.9" in words


def test_what_nobody_can_know_is_no_zero(settings: Settings) -> None:
    words = _section(settings)
    assert "@AuroraAirAU 3 unknown 0 0 – 0 not recorded – – –" in words


def test_channels_without_a_message_are_one_line(settings: Settings) -> None:
    words = _section(settings)
    quiet = words.partition("Nothing came in on: ")[2].partition(" .")[0]
    assert quiet.split(" , ") == ["@AuroraAirES", "Chat", "E-mail and web form"]


def test_a_month_without_any_message_has_no_table(settings: Settings) -> None:
    with duckdb.connect(str(settings.marts_path)) as connection:
        connection.execute("delete from channel_volume_monthly")
    words = _section(settings)
    assert "Nothing came in on: @AuroraAir" in words
    assert "Came in" not in words


def test_a_release_from_before_there_were_volumes_has_a_page(settings: Settings) -> None:
    with duckdb.connect(str(settings.marts_path)) as connection:
        connection.execute("drop table channel_volume_monthly")
    assert _section(settings) == ""
