"""`calendars.yaml` as a model: the hours in which business clocks run (D3, D13)."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from social_sla.agreements.channel_models import Part
from social_sla.agreements.errors import suggest
from social_sla.agreements.values import Blocks, Date, Flag, HoursBlock, Id, Text, Zone, shown, wrong

ALWAYS_OPEN = "24x7"
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {name: index for names in (DAY_NAMES, _LONG_NAMES) for index, name in enumerate(names)}


def read_days(value: Any) -> tuple[int, ...]:
    """`mon-fri`, `sat` or `mon, wed` as weekdays, 0 = Monday."""
    days: list[int] = []
    for part in str(value).casefold().split(","):
        ends = [end.strip() for end in re.split(r"[-–]", part)]
        for end in ends:
            if end not in _DAYS:
                raise wrong(f"unknown weekday {shown(end)}; {_day_hint(end)}")
        first, last = _DAYS[ends[0]], _DAYS[ends[-1]]
        if len(ends) > 2 or (len(ends) == 2 and first >= last):
            raise wrong(f"{shown(part.strip())} is no range of weekdays; write one like mon-fri")
        days += range(first, last + 1)
    return tuple(days)


def _day_hint(word: str) -> str:
    hint = suggest(word, _LONG_NAMES)
    return hint if hint.startswith("did you mean") else suggest(word, DAY_NAMES)


def _check_days(value: str) -> str:
    read_days(value)
    return value


def _always_open(value: Any) -> Any:
    if isinstance(value, str) and value.strip().casefold() in {"24x7", "24/7"}:
        return {"mon-sun": ["00:00-24:00"]}
    if not isinstance(value, dict):
        raise wrong(f"is {shown(value)}; write hours for each weekday, like mon-fri: ['09:00-17:00'], or 24x7")
    if not value:
        raise wrong("is empty; write hours for each weekday, like mon-fri: ['09:00-17:00'], or 24x7")
    return value


_DAY = "(mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_DAYS_PATTERN = rf"^{_DAY}(-{_DAY})?(, ?{_DAY}(-{_DAY})?)*$"
_BLOCKS_SCHEMA = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "pattern": r"^\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}$"},
}

Weekly = Annotated[
    dict[Annotated[str, AfterValidator(_check_days)], Blocks],
    BeforeValidator(_always_open),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": ALWAYS_OPEN},
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": _DAYS_PATTERN},
                    "additionalProperties": _BLOCKS_SCHEMA,
                },
            ],
            "description": "Hours by weekday (mon-fri: ['09:00-17:00']; a day that is not named is closed), or 24x7.",
        }
    ),
]


class SchedulePart(Part):
    """The weekly hours of a stretch of dates, both inclusive (summer and winter hours)."""

    valid_from: Annotated[Date | None, Field(description="First date; from ever if it is not given.")] = None
    valid_to: Annotated[Date | None, Field(description="Last date; for good if it is not given.")] = None
    weekly: Weekly

    def covers(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def by_weekday(self) -> dict[int, tuple[HoursBlock, ...]]:
        """Weekday (0 = Monday) → its blocks; a day that is not named has none."""
        return {day: blocks for words, blocks in self.weekly.items() for day in read_days(words)}


class HolidaySource(Part):
    """Public holidays of a country or one of its subdivisions, as the `holidays` library knows them."""

    country: Annotated[Text, Field(description="ISO 3166-1 alpha-2, like US.")]
    subdivision: Annotated[Text | None, Field(description="Like BE for Berlin.")] = None
    categories: Annotated[tuple[Text, ...], Field(min_length=1, description="Default public.")] = ("public",)
    observed: Annotated[
        Flag, Field(description="Whether the weekday on which a weekend holiday is observed is closed too.")
    ] = True


class CompanyHoliday(Part):
    """A date on which the company is closed."""

    date: Date
    name: Text


class SpecialDay(Part):
    """Hours stated for one date; they beat a holiday (D13)."""

    date: Date
    name: Text
    hours: Blocks


class Schedule(Part):
    """Opening hours in one time zone."""

    schedule_id: Id
    title: Text
    timezone: Zone
    weekly: Annotated[Weekly | None, Field(description="The hours, if they never change. Else use parts.")] = None
    parts: Annotated[tuple[SchedulePart, ...] | None, Field(min_length=1, description="Effective-dated hours.")] = None
    holidays: tuple[HolidaySource, ...] = ()
    company_holidays: tuple[CompanyHoliday, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()

    @property
    def effective_parts(self) -> tuple[SchedulePart, ...]:
        """The parts in order of date; a plain schedule is one part that is always valid."""
        if self.parts is None:
            return (SchedulePart(weekly=self.weekly or {}),) if self.weekly else ()
        return tuple(sorted(self.parts, key=lambda part: part.valid_from or date.min))


class CalendarsFile(Part):
    """The schedules of opening hours that agreements name."""

    schedules: Annotated[tuple[Schedule, ...], Field(min_length=1)]
