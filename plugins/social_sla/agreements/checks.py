"""What channels and calendars must hold beyond the shape of each value."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations, pairwise

import holidays

from social_sla.agreements.calendar_models import HolidaySource, Schedule, SchedulePart, read_days
from social_sla.agreements.channel_models import Channel
from social_sla.agreements.errors import Path, Problem, suggest
from social_sla.agreements.vocabulary import TRAITS
from social_sla.agreements.yaml_source import Document

Placed = tuple[int, Channel]
PlacedSchedule = tuple[int, Schedule]


def check_channels(document: Document, channels: Sequence[Placed]) -> list[Problem]:
    """Problems of the channels, each given with its place in the list."""
    problems: list[Problem] = []
    for index, channel in channels:
        problems += [
            document.problem(("channels", index, *path), message) for path, message in _channel_problems(channel)
        ]
    problems += _twice(document, "channels", [(index, channel.channel_id) for index, channel in channels], "channel_id")
    for (_, first), (index, second) in combinations(channels, 2):
        if _same_account(first, second) and (shared := _shared_match(first, second)):
            problems.append(
                document.problem(
                    ("channels", index, "match") if second.match else ("channels", index),
                    f"matches the same conversations as channel {first.channel_id} ({shared}); a conversation belongs "
                    "to one channel: tell them apart by match",
                )
            )
    return [*problems, *_automation_conflicts(document, channels)]


def _channel_problems(channel: Channel) -> Iterable[tuple[Path, str]]:
    traits = TRAITS[channel.source]
    if not re.fullmatch(traits.account_pattern, channel.account):
        yield ("account",), f"'{channel.account}' is no account of {channel.source}; write {traits.account_help}"
    for key, values in channel.match.items():
        known = traits.match_keys.get(key)
        if known is None:
            keys = ", ".join(traits.match_keys)
            right = f"its channels are told apart by {keys}" if keys else "an account of it is one channel"
            yield ("match", key), f"{channel.source} knows no '{key}'; {right}"
            continue
        for place, value in enumerate(values):
            # The vendor adds values now and then, so only what looks like a slip is refused.
            near = difflib.get_close_matches(value, known, n=1, cutoff=0.75)
            if value not in known and near:
                yield ("match", key, place), f"unknown {key} '{value}'; did you mean {near[0]}?"
    for place, rule in enumerate(channel.automation):
        if (rule.author is None) == (rule.text_prefix is None):
            said = "neither author nor" if rule.author is None else "both author and"
            yield ("automation", place), f"has {said} text_prefix; give one of them in each rule"


def _same_account(first: Channel, second: Channel) -> bool:
    return first.source is second.source and first.account.casefold() == second.account.casefold()


def _shared_match(first: Channel, second: Channel) -> str:
    """What both channels match, in words; empty if nothing is both's."""
    account = f"{first.source} {first.account}"
    shared_keys = sorted(set(first.match) & set(second.match))
    shared: list[str] = []
    for key in shared_keys:
        common = sorted(set(first.match[key]) & set(second.match[key]))
        if not common:
            return ""
        shared.append(f"{key} {', '.join(common)}")
    return "; ".join(shared) or f"the account {account}"


def _automation_conflicts(document: Document, channels: Sequence[Placed]) -> Iterable[Problem]:
    seen: dict[tuple[str, str, str | None, str | None], tuple[str, str]] = {}
    for index, channel in channels:
        for place, rule in enumerate(channel.automation):
            key = (channel.source.value, channel.account.casefold(), rule.author, rule.text_prefix)
            reason, where = seen.setdefault(key, (rule.reason.value, channel.channel_id))
            if reason != rule.reason.value:
                yield document.problem(
                    ("channels", index, "automation", place, "reason"),
                    f"is {rule.reason}, but channel {where} of the same account says {reason}; give one reason",
                )


def _twice(document: Document, name: str, ids: Sequence[tuple[int, str]], key: str) -> Iterable[Problem]:
    seen: set[str] = set()
    for index, value in ids:
        if value in seen:
            yield document.problem((name, index, key), f"'{value}' is already taken; give every {key} once")
        seen.add(value)


def check_schedules(document: Document, schedules: Sequence[PlacedSchedule]) -> list[Problem]:
    """Problems of the schedules, each given with its place in the list."""
    problems: list[Problem] = []
    for index, schedule in schedules:
        problems += [
            document.problem(("schedules", index, *path), message) for path, message in _schedule_problems(schedule)
        ]
    return problems + list(
        _twice(document, "schedules", [(index, item.schedule_id) for index, item in schedules], "schedule_id")
    )


def _schedule_problems(schedule: Schedule) -> Iterable[tuple[Path, str]]:
    if (schedule.weekly is None) == (schedule.parts is None):
        said = "neither weekly nor" if schedule.weekly is None else "both weekly and"
        yield (), f"has {said} parts; give weekly if the hours never change, else parts"
    if schedule.weekly is not None:
        yield from _weekday_problems(("weekly",), schedule.weekly)
    for index, part in enumerate(schedule.parts or ()):
        yield from _weekday_problems(("parts", index, "weekly"), part.weekly)
        if part.valid_from and part.valid_to and part.valid_to < part.valid_from:
            yield ("parts", index, "valid_to"), f"{part.valid_to} is before valid_from {part.valid_from}; swap them"
    yield from _part_order(schedule.parts or ())
    for index, source in enumerate(schedule.holidays):
        yield from (((*("holidays", index), *path), message) for path, message in _holiday_problems(source))
    for name, days in (
        ("company_holidays", [holiday.date for holiday in schedule.company_holidays]),
        ("special_days", [special.date for special in schedule.special_days]),
    ):
        for index, day in enumerate(days):
            if day in days[:index]:
                yield (name, index, "date"), f"{day} is given twice; keep one of them"


def _weekday_problems(path: Path, weekly: Iterable[str]) -> Iterable[tuple[Path, str]]:
    seen: dict[int, str] = {}
    for words in weekly:
        for day in read_days(words):
            if day in seen:
                before = f"in '{seen[day]}' already" if seen[day] != words else "twice"
                name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day]
                yield (*path, words), f"{name} is named {before}; name every weekday once"
                break
            seen[day] = words


def _part_order(parts: Sequence[SchedulePart]) -> Iterable[tuple[Path, str]]:
    ordered = sorted(enumerate(parts), key=lambda item: (item[1].valid_from or date.min, item[0]))
    for (_, first), (index, second) in pairwise(ordered):
        begins = second.valid_from or date.min
        if first.valid_to is None or begins <= first.valid_to:
            yield (
                ("parts", index),
                f"begins {second.valid_from or 'from ever'}, when the part before it is still valid; "
                "give the earlier part a valid_to on the eve",
            )
        elif begins > first.valid_to + timedelta(days=1):
            gap = first.valid_to + timedelta(days=1)
            yield (
                ("parts", index, "valid_from"),
                f"leaves {gap} without hours (the part before it ends {first.valid_to}); begin on {gap}",
            )


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    return dict(holidays.list_supported_countries(include_aliases=True))


def _holiday_problems(source: HolidaySource) -> Iterable[tuple[Path, str]]:
    if source.country not in _countries():
        hint = suggest(source.country, _countries()) if len(source.country) > 2 else ""
        near = source.country.upper()
        hint = f"did you mean {near}?" if near in _countries() else hint or "write an ISO code like US or DE"
        yield ("country",), f"unknown country '{source.country}'; {hint}"
        return
    subdivisions = _countries()[source.country]
    if source.subdivision is not None and source.subdivision not in subdivisions:
        hint = suggest(source.subdivision, subdivisions) or f"{source.country} has {', '.join(sorted(subdivisions))}"
        yield ("subdivision",), f"unknown subdivision '{source.subdivision}' of {source.country}; {hint}"
    known = holidays.country_holidays(source.country).supported_categories
    for index, category in enumerate(source.categories):
        if category not in known:
            yield (
                ("categories", index),
                f"unknown category '{category}' of holidays in {source.country}; {suggest(category, known)}",
            )


def raw_ids(document: Document, path: Path, key: str) -> set[str]:
    """The ids that a document gives under a list, also of items with something wrong in them."""
    data = document.data
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    items = data if isinstance(data, list) else [data]
    return {str(item[key]) for item in items if isinstance(item, dict) and item.get(key)}
