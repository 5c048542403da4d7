"""How single values are read: durations, rates, hours, words of YAML 1.1 that mean something else in YAML 1.2."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter
from social_sla.agreements import load_config
from social_sla.agreements.values import Block, DurationValue, Month, Rate
from social_sla.agreements.yaml_source import read_documents

from tests.unit.agreements.conftest import ConfigFolder


@pytest.mark.parametrize(
    ("written", "value", "unit", "seconds"),
    [
        ("90s", 90, "seconds", 90),
        ("30m", 30, "minutes", 1_800),
        ("45 min", 45, "minutes", 2_700),
        ("4h", 4, "hours", 14_400),
        ("1 hour", 1, "hours", 3_600),
        ("2d", 2, "days", 172_800),
        ("1 business day", 1, "business_days", None),
        ("3 Business Days", 3, "business_days", None),
        ("5 business_days", 5, "business_days", None),
        ("2bd", 2, "business_days", None),
        ({"value": "4", "unit": "hours"}, 4, "hours", 14_400),
        ({"value": 5, "unit": "business_days"}, 5, "business_days", None),
    ],
)
def test_duration(written: Any, value: int, unit: str, seconds: int | None) -> None:
    duration = TypeAdapter(DurationValue).validate_python(written)
    assert (duration.value, duration.unit.value, duration.seconds) == (value, unit, seconds)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("0.90", "0.9"),
        ("90 %", "0.9"),
        ("90%", "0.9"),
        ("99.95 %", "0.9995"),
        ("100 %", "1"),
        ("1", "1"),
        ("0.1", "0.1"),
    ],
)
def test_rate_is_exactly_what_is_written(written: str, rate: str) -> None:
    assert TypeAdapter(Rate).validate_python(written) == Decimal(rate)


@pytest.mark.parametrize(
    ("written", "opens", "closes"),
    [
        ("09:00-17:00", 540, 1_020),
        ("9:00 – 17:30", 540, 1_050),
        ("00:00-24:00", 0, 1_440),
        ("18:00-02:00", 1_080, 1_560),
        ("18:00-00:00", 1_080, 1_440),
        ("18:00-24:00", 1_080, 1_440),
        ("17:00-16:59", 1_020, 2_459),
    ],
)
def test_hours_end_on_the_next_date_when_the_end_is_not_after_the_start(written: str, opens: int, closes: int) -> None:
    block = TypeAdapter(Block).validate_python(written)
    assert (block.open_minute, block.close_minute) == (opens, closes)
    assert TypeAdapter(Block).validate_python(str(block)) == block


def test_month() -> None:
    assert TypeAdapter(Month).validate_python("2026-02") == date(2026, 2, 1)


def test_plain_words_and_figures_stay_what_was_written() -> None:
    text = b"country: NO\nhours: 10:00\nnumber: 010\nrate: 0.90\nday: 2026-03-01\nyes: on\nflag: true\nnothing: ~\n"
    documents, problems = read_documents("file", text)
    assert problems == []
    assert documents[0].data == {
        "country": "NO",
        "hours": "10:00",
        "number": "010",
        "rate": "0.90",
        "day": "2026-03-01",
        "yes": "on",
        "flag": True,
        "nothing": None,
    }
    assert documents[0].values[("rate",)] == (4, 7)
    assert documents[0].keys[("rate",)] == (4, 1)


def test_traps_of_yaml_do_not_bite_in_a_configuration(folder: ConfigFolder) -> None:
    folder.change("calendars.yaml", '["09:00-17:00"]', "[09:00-17:00, 18:00-20:30]")
    folder.change("calendars.yaml", "country: DE\n        subdivision: BE", "country: NO")
    folder.change("channels.yaml", "languages: [de, en]", "languages: [no]")
    folder.change("agreements/tweets.yaml", "title: Tweets", "title: no")
    config = load_config(folder.path)
    office = config.schedule("office")
    assert [str(block) for block in office.effective_parts[0].by_weekday()[0]] == ["09:00-17:00", "18:00-20:30"]
    assert office.holidays[0].country == "NO"
    assert config.channel("mail").languages == ("no",)
    assert [item.stated.title for item in config.agreements if item.agreement_id == "tweets"] == ["no"]


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    documents, problems = read_documents("file", "\ufeffa: b\n".encode())
    assert (documents[0].data, problems) == ({"a": "b"}, [])
