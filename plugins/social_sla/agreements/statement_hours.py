"""Opening hours, zones and durations in words, by CLDR and the catalogue of phrases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from babel import Locale
from babel.dates import get_timezone, get_timezone_location

from social_sla.agreements.calendar_models import Schedule, SchedulePart
from social_sla.agreements.phrases import NBSP, PHRASES, Phrases, time_of_day
from social_sla.agreements.values import Duration, HoursBlock

_WHOLE_DAY = (0, 1440)
_DAYS_IN_A_RANGE = 3


def zone_words(timezone: str, language: str) -> str:
    """How people call a zone: `London time`, `Ortszeit London`."""
    phrases = PHRASES[language]
    if timezone in {"UTC", "Etc/UTC", "Etc/GMT"}:
        return "UTC"
    city = get_timezone_location(get_timezone(timezone), locale=Locale.parse(phrases.locale), return_city=True)
    words = phrases.zone.format(city=city)
    if language == "fr":
        words = words.replace("de Le ", "du ")
        if city[:1].casefold() in "aeiouyàâéèêëîïôûœh":
            words = words.replace("de ", "d'", 1)
    return words


def duration_words(duration: Duration, language: str) -> str:
    """`one hour`, `{n} Stunden`: as the sentences of the catalogue need it."""
    one, several = PHRASES[language].durations[duration.unit]
    return one if duration.value == 1 else several.format(n=duration.value)


def part_in_force(schedule: Schedule, day: date) -> SchedulePart | None:
    """The weekly hours of a date; the last ones where no part covers it."""
    parts = schedule.effective_parts
    return next((part for part in parts if part.covers(day)), parts[-1] if parts else None)


def is_always_open(schedule: Schedule | None, day: date) -> bool:
    """Whether it never closes; without hours every second is open (D1)."""
    if schedule is None:
        return True
    part = part_in_force(schedule, day)
    if part is None or schedule.holidays or schedule.company_holidays:
        return False
    weekly = part.by_weekday()
    return len(weekly) == 7 and all(_minutes(blocks) == [_WHOLE_DAY] for blocks in weekly.values())


def hours_words(schedule: Schedule, day: date, language: str, *, is_brief: bool) -> str:
    """A date's weekly hours: `every day, 8 am to 10 pm`, briefly `Every day 8 am–10 pm`; empty if it never opens."""
    part = part_in_force(schedule, day)
    if part is None:
        return ""
    phrases = PHRASES[language]
    groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for weekday, blocks in sorted(part.by_weekday().items()):
        groups.setdefault(tuple(_minutes(blocks)), []).append(weekday)
    template = phrases.days_and_times_briefly if is_brief else phrases.days_and_times
    said = []
    for times, days in groups.items():
        whole_day = times == (_WHOLE_DAY,)
        line = template.removesuffix(" Uhr") if whole_day else template
        said.append(
            line.format(
                days=_days_words(days, language, phrases, is_brief=is_brief),
                times=phrases.all_day if whole_day else _times_words(times, language, phrases, is_brief=is_brief),
            )
        )
    between = ", " if is_brief else f"{NBSP if language == 'fr' else ''}; "
    text = between.join(said)
    return text[:1].upper() + text[1:] if is_brief else text


def _minutes(blocks: Sequence[HoursBlock]) -> list[tuple[int, int]]:
    """A day's blocks in order, those that touch or overlap as one (D13)."""
    found: list[tuple[int, int]] = []
    for block in sorted(blocks, key=lambda item: item.open_minute):
        if found and block.open_minute <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], block.close_minute))
        else:
            found.append((block.open_minute, block.close_minute))
    return found


def _days_words(days: Sequence[int], language: str, phrases: Phrases, *, is_brief: bool) -> str:
    if len(days) == 7:
        return phrases.every_day_briefly.casefold() if is_brief else phrases.every_day
    runs: list[list[int]] = []
    for previous, day in pairwise([None, *days]):
        if day is None:
            continue
        if previous is not None and runs and previous == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    words: list[str] = []
    template = phrases.day_range_briefly if is_brief else phrases.day_range
    for run in runs:
        if len(run) >= _DAYS_IN_A_RANGE:
            first, last = (_day_name(day, phrases, is_brief=is_brief) for day in (run[0], run[-1]))
            words.append(template.format(first=first, last=last))
        else:
            words += [_single_day(day, language, phrases, is_brief=is_brief) for day in run]
    return joined(words, phrases.and_word)


def _day_name(weekday: int, phrases: Phrases, *, is_brief: bool) -> str:
    width = "abbreviated" if is_brief else "wide"
    return str(Locale.parse(phrases.locale).days["stand-alone"][width][weekday])


def _single_day(weekday: int, language: str, phrases: Phrases, *, is_brief: bool) -> str:
    name = _day_name(weekday, phrases, is_brief=is_brief)
    if is_brief:
        return name
    if language == "es":  # every week, so in the plural
        return f"los {name}" if name.endswith("s") else f"los {name}s"
    return phrases.single_day.format(day=name)


def _times_words(times: Sequence[tuple[int, int]], language: str, phrases: Phrases, *, is_brief: bool) -> str:
    template = phrases.time_range_briefly if is_brief else phrases.time_range
    words = [
        template.format(opens=time_of_day(language, opens), closes=time_of_day(language, closes))
        for opens, closes in times
    ]
    return joined(words, phrases.and_word)


def joined(words: Sequence[str], conjunction: str) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
