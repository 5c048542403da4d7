"""How far a schedule has to be expanded so that every clock finds its place and its due instant in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from social_sla.agreements.calendars import Calendar, CalendarError, expand
from social_sla.agreements.config import Config, EffectiveAgreement
from social_sla.agreements.errors import ConfigError, Problem
from social_sla.agreements.local_time import local_date

_LEAD = timedelta(days=2)  # the eve's overnight block, and the eve of a zone that is a day ahead
_MINIMUM_AHEAD = timedelta(days=400)
_YEARS_BACK, _YEARS_AHEAD = 40, 40


def expand_used(config: Config, as_of: datetime) -> dict[str, Calendar]:
    """Every schedule that a version uses, expanded from two days before the first such version begins until the
    largest target can become due twice over after `as_of`, at least 400 days.

    Args:
        config: the checked configuration.
        as_of: the instant of the run, aware.

    Raises:
        ConfigError: a schedule has no hours for a date in that range (D13), or so few that a target never comes due.
    """
    calendars: dict[str, Calendar] = {}
    problems: list[Problem] = []
    for schedule in config.schedules:
        users = [item for item in config.agreements if schedule.schedule_id in item.schedule_ids]
        if not users:
            continue
        try:
            calendars[schedule.schedule_id] = _expand_one(config, schedule.schedule_id, users, as_of)
        except CalendarError as error:
            problems.append(_problem(config, schedule.schedule_id, str(error)))
    if problems:
        raise ConfigError(problems, str(config.directory))
    return calendars


def _problem(config: Config, schedule_id: str, message: str) -> Problem:
    document = config.calendars_document
    listed = [item["schedule_id"] for item in document.data["schedules"]]
    return document.problem(("schedules", listed.index(schedule_id)), f"schedule '{schedule_id}': {message}")


def _expand_one(config: Config, schedule_id: str, users: list[EffectiveAgreement], as_of: datetime) -> Calendar:
    schedule = config.schedule(schedule_id)
    needed = min(local_date(schedule.timezone, item.span.from_at) for item in users)
    today = local_date(schedule.timezone, as_of)
    first = max(needed - _LEAD, date(today.year - _YEARS_BACK, today.month, 1))
    starts = schedule.effective_parts[0].valid_from
    if starts is not None and first < starts <= needed:
        first = starts  # the lead is there for overnight blocks; hours that begin with the agreement have none
    last = max(today, needed) + _MINIMUM_AHEAD
    seconds, days = _largest_targets(schedule_id, users)
    while True:
        calendar = expand(schedule, first, last)
        after = max(as_of, max(item.span.from_at for item in users))
        open_after = calendar.total_seconds - calendar.open_seconds_before(after)
        days_after = sum(1 for day in calendar.days if day.opens_at >= after)
        if open_after >= 2 * seconds and days_after >= 2 * days:
            return calendar
        if last.year >= today.year + _YEARS_AHEAD:
            raise ConfigError(
                [
                    _problem(
                        config,
                        schedule_id,
                        f"has too few open hours for the largest target to come due within {_YEARS_AHEAD} years; "
                        "correct the hours or the target",
                    )
                ],
                str(config.directory),
            )
        last += (last - today) or _MINIMUM_AHEAD


def _largest_targets(schedule_id: str, users: list[EffectiveAgreement]) -> tuple[int, int]:
    """The largest target on the schedule in seconds, and in business days."""
    seconds, days = 0, 0
    for item in users:
        for goal in item.goals:
            if goal.schedule_id == schedule_id:
                for target in goal.targets.values():
                    if target.seconds is None:
                        days = max(days, target.value)
                    else:
                        seconds = max(seconds, target.seconds)
    return seconds, days
