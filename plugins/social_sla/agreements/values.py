"""The words and figures that the configuration is made of: zones, dates, durations, rates, hours.

Each type reads what a person writes in YAML (always text, see `yaml_source`) and says what would be right when it
cannot. A figure that decides an outcome is exact: a rate is a `Decimal`, a duration a whole number of a unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from social_sla.agreements.errors import suggest

E = TypeVar("E", bound=StrEnum)

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_TEAM_LIKE = "zendesk:auroraair:9200000000001"
_FIXED_OFFSET_NAMES = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}


def wrong(message: str) -> PydanticCustomError:
    """The error that a reader of a value raises: `what is wrong; what would be right`."""
    return PydanticCustomError("config", "{problem}", {"problem": message})


def shown(value: Any) -> str:
    """A value as a message quotes it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"'{value}'"


def _scalar(value: Any, wanted: str) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    if value is None or (isinstance(value, str) and not value.strip()):
        raise wrong(f"is empty; write {wanted}")
    if isinstance(value, bool):
        raise wrong(f"is {shown(value)}, not text; write {wanted}, in quotes if that is the word meant")
    raise wrong(f"is {shown(value)}; write {wanted}")


def read_text(value: Any) -> str:
    return _scalar(value, "a text")


def read_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.casefold() in {"yes", "no", "on", "off"}:
        right = "true" if value.casefold() in {"yes", "on"} else "false"
        raise wrong(f"{shown(value)} is text in YAML 1.2; write {right}")
    raise wrong(f"is {shown(value)}; write true or false")


def read_count(value: Any) -> int:
    """A whole number from 1 on."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _scalar(value, "a whole number from 1 on")
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise wrong(f"{shown(text)} is not a whole number from 1 on; write one like 3")
    return int(text)


def read_id(value: Any) -> str:
    text = _scalar(value, "an id like email-support")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", text):
        raise wrong(f"{shown(text)} is not an id; use lower-case letters, digits, - and _, like email-support")
    return text


def read_team(value: Any) -> str:
    """A team as `dim_team.team_id` names it."""
    text = _scalar(value, f"a team like {_TEAM_LIKE}")
    if not re.fullmatch(r"[^:\s]+:[^:\s]+:[^:\s]+", text):
        raise wrong(f"{shown(text)} is not a team; write source:account:id as in dim_team, like {_TEAM_LIKE}")
    return text


def read_date(value: Any) -> date:
    """A date written YYYY-MM-DD."""
    if isinstance(value, date):
        return value
    text = _scalar(value, "a date like 2026-03-01")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise wrong(f"{shown(text)} is not a date; write YYYY-MM-DD like 2026-03-01")
    try:
        result = date.fromisoformat(text)
    except ValueError:
        raise wrong(f"{shown(text)} is no day of the calendar; write a date that exists") from None
    if not _FIRST_YEAR <= result.year <= _LAST_YEAR:
        raise wrong(f"{shown(text)} is out of range; write a date from {_FIRST_YEAR} to {_LAST_YEAR}")
    return result


def read_month(value: Any) -> date:
    """A month written YYYY-MM, as its first day."""
    if isinstance(value, date):
        return value.replace(day=1)
    text = _scalar(value, "a month like 2026-03")
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise wrong(f"{shown(text)} is not a month; write YYYY-MM like 2026-03")
    return read_date(f"{text}-01")


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA zone that this machine's time-zone data knows."""
    return frozenset(available_timezones())


def read_zone(value: Any) -> str:
    """An IANA zone; a fixed offset is refused, for it has no daylight saving (D3)."""
    text = _scalar(value, "an IANA time zone like Europe/Berlin")
    if text in _FIXED_OFFSET_NAMES:
        raise wrong(
            f"{shown(text)} is a fixed offset without daylight saving; did you mean {_FIXED_OFFSET_NAMES[text]}?"
        )
    if text in zone_names():
        return text
    if re.fullmatch(r"(UTC|GMT|Z)?[+-]?\d{1,2}(:?\d{2})?", text):
        raise wrong(f"{shown(text)} is a fixed offset; write an IANA time zone like Europe/Berlin")
    hint = suggest(text, zone_names()) or "write an IANA time zone like Europe/Berlin"
    raise wrong(f"unknown time zone {shown(text)}; {hint}")


def read_rate(value: Any) -> Decimal:
    """A share over 0 and up to 1 (`0.90`) or a percentage (`90 %`), exactly as it is written."""
    if isinstance(value, Decimal):
        return value
    text = _scalar(value, "a share like 0.90 or 90 %")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text)
    if not match:
        raise wrong(f"{shown(text)} is not a share; write one like 0.90 or 90 %")
    rate = Decimal(match[1]) / 100 if match[2] else Decimal(match[1])
    if rate > 1:
        right = f"{match[1]} % or {Decimal(match[1]) / 100}" if not match[2] and rate <= 100 else "at most 100 %"
        raise wrong(f"{shown(text)} is more than 100 %; write {right}")
    if rate == 0:
        raise wrong(f"{shown(text)} is met by nobody at all; write a share over 0 like 0.90")
    if rate != rate.quantize(Decimal("0.000001")):
        raise wrong(f"{shown(text)} is finer than a millionth; write at most six decimals")
    return rate


def read_language(value: Any) -> str:
    text = _scalar(value, "a language code like en")
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise wrong(f"{shown(text)} is not a language code; write one like en or pt-BR")
    return text


def word_of(options: type[E], what: str) -> Callable[[Any], E]:
    """A reader of one word of `options`, with did-you-mean."""

    def read(value: Any) -> E:
        words = [option.value for option in options]
        text = _scalar(value, f"a {what}: {', '.join(words)}")
        if text not in words:
            raise wrong(f"unknown {what} {shown(text)}; {suggest(text, words)}")
        return options(text)

    return read


class DurationUnit(StrEnum):
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"


UNIT_SECONDS: dict[DurationUnit, int | None] = {
    DurationUnit.SECONDS: 1,
    DurationUnit.MINUTES: 60,
    DurationUnit.HOURS: 3_600,
    DurationUnit.DAYS: 86_400,  # D13: a calendar day, whatever the clocks do that day
    DurationUnit.BUSINESS_DAYS: None,  # D5: fixed in seconds at each clock's start
}

_UNIT_WORDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), DurationUnit.SECONDS),
    **dict.fromkeys(("m", "min", "minute", "minutes"), DurationUnit.MINUTES),
    **dict.fromkeys(("h", "hour", "hours"), DurationUnit.HOURS),
    **dict.fromkeys(("d", "day", "days"), DurationUnit.DAYS),
    **dict.fromkeys(("bd", "business day", "business days"), DurationUnit.BUSINESS_DAYS),
}
_DURATION_HELP = "write one like 30m, 4h, 90s, 2d or 1 business day"


def split_duration(value: Any) -> Any:
    """`4h` as `{"value": "4", "unit": "hours"}`; a mapping as it is."""
    if isinstance(value, dict | Duration):
        return value
    text = " ".join(_scalar(value, "a duration like 4h").casefold().replace("_", " ").split())
    match = re.fullmatch(r"(\d+) ?([a-z][a-z ]*)", text)
    unit = _UNIT_WORDS.get(match[2]) if match else None
    if match and unit:
        return {"value": match[1], "unit": unit.value}
    if match and match[2].startswith("business ") and match[2][9:] in _UNIT_WORDS:
        plain = f"{match[1]} {match[2][9:]}"
        raise wrong(f"{shown(value)} is not a duration; write {plain} and basis: business")
    if re.fullmatch(r"\d+", text):
        raise wrong(f"{shown(value)} has no unit; {_DURATION_HELP}")
    if re.fullmatch(r"\d+[.,]\d+ ?[a-z ]+", text):
        raise wrong(f"{shown(value)} is not a whole number; use a smaller unit, like 90m for an hour and a half")
    if re.fullmatch(r"\d+:\d+(:\d+)?", text):
        raise wrong(f"{shown(value)} is not a duration; write hours and minutes in minutes, like 90m for 1:30")
    raise wrong(f"{shown(value)} is not a duration; {_DURATION_HELP}")


class Duration(BaseModel):
    """A whole number of a unit (D5)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Annotated[int, BeforeValidator(read_count), WithJsonSchema({"type": "integer", "minimum": 1})]
    unit: Annotated[DurationUnit, BeforeValidator(word_of(DurationUnit, "unit"))]

    @property
    def seconds(self) -> int | None:
        """The target in seconds; None for business days, whose length depends on the day (D5)."""
        each = UNIT_SECONDS[self.unit]
        return None if each is None else self.value * each

    def __str__(self) -> str:
        unit = self.unit.value.replace("_", " ")
        return f"{self.value} {unit[:-1] if self.value == 1 else unit}"


class HoursBlock(BaseModel):
    """One stretch of a day, in minutes after local midnight; a close past 1440 lies on the next date (D13)."""

    model_config = ConfigDict(frozen=True)

    open_minute: int
    close_minute: int

    def __str__(self) -> str:
        close = self.close_minute if self.close_minute <= 1440 else self.close_minute - 1440
        return f"{_clock(self.open_minute)}-{_clock(close)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def split_block(value: Any) -> Any:
    """`09:00-17:00` as a block; an end at or before the start is on the next date, equal ones are an error (D13)."""
    if isinstance(value, HoursBlock):
        return value
    text = _scalar(value, "hours like 09:00-17:00")
    match = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", text)
    if not match:
        raise wrong(f"{shown(text)} is not a block of hours; write one like 09:00-17:00 (24-hour clock)")
    opens, closes = _minute(match[1], match[2]), _minute(match[3], match[4])
    if opens == 1440:
        raise wrong(f"{shown(text)} opens at 24:00; write 00:00 on the next day")
    if opens == closes:
        raise wrong(f"{shown(text)} ends when it starts; the whole day is 00:00-24:00")
    return {"open_minute": opens, "close_minute": closes if closes > opens else closes + 1440}


def _minute(hours: str, minutes: str) -> int:
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > 1440:
        raise wrong(f"'{hours}:{minutes}' is no time of day; write one from 00:00 to 24:00")
    return minute


def as_time(minute: int) -> tuple[int, time]:
    """Minutes after midnight as (days to add, time of day)."""
    return minute // 1440, time(minute % 1440 // 60, minute % 60)


Text = Annotated[str, BeforeValidator(read_text), WithJsonSchema({"type": "string", "minLength": 1})]
Flag = Annotated[bool, BeforeValidator(read_bool), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, BeforeValidator(read_count), WithJsonSchema({"type": "integer", "minimum": 1})]
Id = Annotated[
    str, BeforeValidator(read_id), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$"})
]
Team = Annotated[
    str,
    BeforeValidator(read_team),
    WithJsonSchema({"type": "string", "pattern": r"^[^:\s]+:[^:\s]+:[^:\s]+$", "examples": [_TEAM_LIKE]}),
]
Date = Annotated[date, BeforeValidator(read_date), WithJsonSchema({"type": "string", "format": "date"})]
Month = Annotated[
    date, BeforeValidator(read_month), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"})
]
Zone = Annotated[
    str,
    BeforeValidator(read_zone),
    WithJsonSchema({"type": "string", "description": "An IANA time zone.", "examples": ["Europe/Berlin", "UTC"]}),
]
Language = Annotated[
    str,
    BeforeValidator(read_language),
    WithJsonSchema({"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}),
]
Rate = Annotated[
    Decimal,
    BeforeValidator(read_rate),
    AfterValidator(lambda rate: rate.normalize() if rate != 1 else Decimal(1)),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%?$"},
            ]
        }
    ),
]
DURATION_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {
            "type": "string",
            "pattern": r"^\d+ ?(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|bd|business[ _]days?)$",
        },
        {
            "type": "object",
            "properties": {
                "value": {"type": "integer", "minimum": 1},
                "unit": {"enum": [unit.value for unit in DurationUnit]},
            },
            "required": ["value", "unit"],
            "additionalProperties": False,
        },
    ],
    "description": "A duration: 90s, 30m, 4h, 2d (calendar days of 24 hours) or 1 business day.",
}
DurationValue = Annotated[Duration, BeforeValidator(split_duration), WithJsonSchema(DURATION_SCHEMA)]
Block = Annotated[
    HoursBlock,
    BeforeValidator(split_block),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}$"}),
]
Blocks = Annotated[tuple[Block, ...], Field(min_length=1)]
