"""A Zendesk account's SLA policies and schedules as a draft of agreements and calendars that passes every check.

What our agreements cannot say in the same words is never guessed in silence: each is a note, and stands in the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from social_sla.agreements.loader import AGREEMENTS_FOLDER, CALENDARS_FILE, CHANNELS_FILE, load_config
from social_sla.agreements.rails_zones import iana_zone
from social_sla.agreements.vocabulary import TRAITS, Source

METRICS = {
    "first_reply_time": "first_response",
    "next_reply_time": "next_response",
    "periodic_update_time": "periodic_update",
    "pausable_update_time": "pausable_update",
    "requester_wait_time": "requester_wait",
    "agent_work_time": "agent_work",
    "total_resolution_time": "full_resolution",
}
"""Zendesk's metrics and ours (M1 to M5)."""

_DAY_MINUTES = 24 * 60
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ALL_WEEK = "always"


class DraftError(ValueError):
    """The answers of Zendesk cannot be turned into a draft; the message says which and what to do."""


@dataclass(frozen=True)
class ZendeskRules:
    """What an account's API answers: policies, schedules, and holidays by schedule id."""

    account: str
    policies: Sequence[Mapping[str, Any]]
    schedules: Sequence[Mapping[str, Any]]
    holidays: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def write_draft(folder: Path, rules: ZendeskRules, *, config_dir: Path, goal_rate: str, valid_from: date) -> list[str]:
    """Write channels.yaml, calendars.yaml and an agreement for each policy, check them, and give the notes in lines.

    Args:
        folder: must not exist or be empty.
        config_dir: where the account's channels are looked for; one channel for the whole account without any.
        goal_rate: the share to be met, which Zendesk has no field for.

    Raises:
        DraftError: there is no policy, or the folder is in use.
        ConfigError: the draft does not pass the checks.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DraftError(f"{folder} is not empty; name a new folder, so that nothing is written over.")
    if not rules.policies:
        raise DraftError("There is no SLA policy in the answer; look whether the account has any.")
    draft = _Draft(rules, goal_rate, valid_from)
    channels, kept = _channels(rules.account, config_dir)
    calendars = draft.calendars()
    channel_ids = [channel["channel_id"] for channel in channels]
    agreements = [draft.agreement(policy, channel_ids) for policy in draft.ordered()]
    written = [item for item in agreements if item is not None]
    if not written:
        raise DraftError("No policy could be translated:\n" + "\n".join(draft.notes))
    (folder / AGREEMENTS_FOLDER).mkdir(parents=True, exist_ok=True)
    _write(folder / CHANNELS_FILE, {"channels": channels}, [])
    _write(folder / CALENDARS_FILE, {"schedules": calendars}, draft.calendar_notes)
    for document, notes in written:
        _write(folder / AGREEMENTS_FOLDER / f"{document['agreement_id']}.yaml", document, notes)
    load_config(folder)
    head = [
        f"{len(written)} of {len(rules.policies)} policies and {len(calendars)} schedules are drafted in {folder}; the "
        "draft passes every check.",
        kept,
        f"Decide yourself: the share to be met ({goal_rate} everywhere, Zendesk has none), who the parties are, and "
        f"whether {valid_from} is the first day.",
    ]
    notes = [*draft.calendar_notes, *draft.notes]
    return [*head, "", "What could not be translated:", *(f"- {note}" for note in notes)] if notes else [*head, ""]


def _channels(account: str, config_dir: Path) -> tuple[list[dict[str, Any]], str]:
    """The account's channels as the configuration has them, else one for all of it."""
    try:
        data = yaml.load((config_dir / CHANNELS_FILE).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except OSError:
        data = {}
    found = [
        item
        for item in (data or {}).get("channels", [])
        if isinstance(item, dict) and item.get("source") == "zendesk" and item.get("account") == account
    ]
    if found:
        return found, f"Channels: {', '.join(item['channel_id'] for item in found)}, as {config_dir} has them."
    channel = {
        "channel_id": f"zendesk-{_slug(account)}",
        "name": f"Zendesk {account}",
        "source": "zendesk",
        "account": account,
        "kind": "email",
        "strategic_objective": "To be written: what the company wants of this channel.",
        "timezone": "UTC",
        "languages": ["en"],
    }
    return [
        channel
    ], f"Channel {channel['channel_id']} stands for the whole account: part it by match where it serves several."


class _Draft:
    def __init__(self, rules: ZendeskRules, goal_rate: str, valid_from: date) -> None:
        self.rules = rules
        self.goal_rate = goal_rate
        self.valid_from = valid_from
        self.notes: list[str] = []
        self.calendar_notes: list[str] = []
        self.schedule_ids: dict[str, str] = {}
        self.zones: dict[str, str] = {}
        self.taken: set[str] = set()

    def ordered(self) -> list[Mapping[str, Any]]:
        """Policies in the order in which Zendesk tries them."""
        return sorted(self.rules.policies, key=lambda item: (int(item.get("position") or 10**6), str(item.get("id"))))

    def calendars(self) -> list[dict[str, Any]]:
        """The schedules that can be said; a 24x7 one where there is none."""
        listed = []
        for schedule in self.rules.schedules:
            found = self._calendar(schedule)
            if found is not None:
                listed.append(found)
                self.schedule_ids[str(schedule.get("id"))] = found["schedule_id"]
                self.zones[found["schedule_id"]] = found["timezone"]
        if not listed:
            if not self.rules.schedules:
                self.calendar_notes.append(
                    "There is no schedule: targets in business hours run around the clock until you name hours."
                )
            listed.append({"schedule_id": _ALL_WEEK, "title": "Around the clock", "timezone": "UTC", "weekly": "24x7"})
            self.zones[_ALL_WEEK] = "UTC"
        return listed

    def _calendar(self, schedule: Mapping[str, Any]) -> dict[str, Any] | None:
        name = str(schedule.get("name") or f"Schedule {schedule.get('id')}")
        zone = iana_zone(str(schedule.get("time_zone") or ""))
        if zone is None:
            self.calendar_notes.append(
                f"Schedule '{name}': its time zone '{schedule.get('time_zone')}' has no IANA name here; left out, "
                "write it by hand."
            )
            return None
        weekly = weekly_hours(schedule.get("intervals") or ())
        if not weekly:
            self.calendar_notes.append(f"Schedule '{name}' never opens; left out.")
            return None
        result: dict[str, Any] = {
            "schedule_id": self._id(name),
            "title": name,
            "timezone": zone,
            "weekly": weekly,
        }
        days = list(self._holidays(name, self.rules.holidays.get(str(schedule.get("id")), ())))
        if days:
            result["company_holidays"] = days
        return result

    def _holidays(self, schedule: str, holidays: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
        seen: set[date] = set()
        for holiday in holidays:
            try:
                day, last = (date.fromisoformat(str(holiday[name])) for name in ("start_date", "end_date"))
            except (KeyError, ValueError):
                self.calendar_notes.append(f"Schedule '{schedule}': holiday {json.dumps(dict(holiday))} has no dates.")
                continue
            while day <= last:
                if day not in seen:
                    seen.add(day)
                    yield {"date": day.isoformat(), "name": str(holiday.get("name") or "Holiday")}
                day += timedelta(days=1)

    def agreement(
        self, policy: Mapping[str, Any], channel_ids: Sequence[str]
    ) -> tuple[dict[str, Any], list[str]] | None:
        """A policy as an agreement, with what it could not say; None where nothing of it can be said."""
        title = str(policy.get("title") or f"Policy {policy.get('id')}")
        notes = [f"'{title}': {note}" for note in self._conditions(policy)]
        goals, goal_notes = self._goals(policy)
        notes += [f"'{title}': {note}" for note in goal_notes]
        if not goals:
            notes.append(f"'{title}': none of its targets could be translated, so it is left out.")
            self.notes += notes
            return None
        agreement_id = self._id(title)
        hours = self._hours()
        document: dict[str, Any] = {
            "agreement_id": agreement_id,
            "version": 1,
            "title": title,
            "kind": "customer",
            "level": "customer",
            "provider": "To be named",
            "customer": "To be named",
            "timezone": self.zones[hours],
            "valid_from": self.valid_from.isoformat(),
            "change_reason": f"Drafted from the SLA policy {policy.get('id')} of {self.rules.account}.zendesk.com.",
            "parties": [{"party_id": "provider", "name": "To be named", "role": "provider"}],
            "channels": list(channel_ids),
            "hours": hours,
            "goals": goals,
        }
        if policy.get("description"):
            document["overview"] = str(policy["description"])
        if len(self.schedule_ids) > 1 and any(goal["basis"] == "business" for goal in goals):
            others = ", ".join(name for name in self.schedule_ids.values() if name != hours)
            notes.append(
                f"'{title}': Zendesk gives a ticket its schedule by triggers; here all run in {hours} (others: "
                f"{others})."
            )
        self.notes += notes
        return document, notes

    def _hours(self) -> str:
        return next(iter(self.schedule_ids.values()), _ALL_WEEK)

    def _conditions(self, policy: Mapping[str, Any]) -> Iterable[str]:
        """Conditions on tickets: our agreements are told apart by channels alone."""
        for kind in ("all", "any"):
            for condition in (policy.get("filter") or {}).get(kind) or ():
                words = " ".join(str(condition.get(name)) for name in ("field", "operator", "value"))
                yield (
                    f"the condition ({kind}) {words} is not kept: the draft covers every conversation of its "
                    "channels. Give the conversations that are meant a channel of their own."
                )
        others = [item for item in self.ordered() if item is not policy]
        if others and policy is self.ordered()[0]:
            yield (
                f"Zendesk applies the first policy that matches; here all {len(others) + 1} measure every conversation "
                "of their channels, each on its own."
            )

    def _goals(self, policy: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
        found: dict[tuple[str, str], dict[str, int]] = {}
        notes: list[str] = []
        known = TRAITS[Source.ZENDESK].priorities
        for item in policy.get("policy_metrics") or ():
            metric, priority = METRICS.get(str(item.get("metric"))), str(item.get("priority"))
            seconds = _seconds(item)
            if metric is None:
                notes.append(f"the metric {item.get('metric')} has no measure here; left out.")
            elif priority not in known:
                notes.append(f"the priority {priority} of {item.get('metric')} is unknown here; left out.")
            elif seconds is None:
                notes.append(f"the target of {item.get('metric')} for {priority} cannot be read; left out.")
            else:
                basis = "business" if item.get("business_hours") else "calendar"
                found.setdefault((metric, basis), {})[priority] = seconds
        goals = []
        metrics = [metric for metric, _ in found]
        for (metric, basis), targets in found.items():
            several = metrics.count(metric) > 1
            goal: dict[str, Any] = {
                "goal_id": metric.replace("_", "-") + (f"-{basis}" if several else ""),
                "metric": metric,
                "targets": {priority: _duration(seconds) for priority, seconds in targets.items()},
                "basis": basis,
                "goal_rate": self.goal_rate,
            }
            if several or len(targets) < len(known):
                goal["priorities"] = list(targets)
            if metric == "full_resolution":
                notes.append(
                    "total_resolution_time became full_resolution: here it runs from the first message of the customer "
                    "to the last solved (M3), not from the ticket's creation."
                )
            goals.append(goal)
        unsettable = [name for name in ("metric_settings",) if policy.get(name)]
        notes += [
            f"{name} are not kept: activation and fulfilment follow our definitions (M1 to M5)." for name in unsettable
        ]
        return goals, list(dict.fromkeys(notes))

    def _id(self, name: str) -> str:
        base = _slug(name)
        found, number = base, 2
        while found in self.taken:
            found, number = f"{base[:58]}-{number}", number + 1
        self.taken.add(found)
        return found


def weekly_hours(intervals: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Zendesk's intervals, in minutes after Sunday 00:00, as hours of each weekday; cut at midnights."""
    blocks: dict[str, list[tuple[int, int]]] = {}
    for interval in intervals:
        start, end = int(interval["start_time"]), int(interval["end_time"])
        while start < end:
            day = start // _DAY_MINUTES
            until = min(end, (day + 1) * _DAY_MINUTES)
            blocks.setdefault(_WEEKDAYS[day % 7], []).append((start - day * _DAY_MINUTES, until - day * _DAY_MINUTES))
            start = until
    return {
        day: [f"{_clock(opens)}-{_clock(closes)}" for opens, closes in sorted(set(blocks[day]))]
        for day in (*_WEEKDAYS[1:], _WEEKDAYS[0])
        if day in blocks
    }


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _seconds(item: Mapping[str, Any]) -> int | None:
    """A target in seconds: `target_in_seconds` where there is one, else `target`, in minutes."""
    for name, unit in (("target_in_seconds", 1), ("target", 60)):
        value = item.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value * unit
    return None


def _duration(seconds: int) -> str:
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:60].rstrip("-") or "zendesk"


def _write(path: Path, data: dict[str, Any], notes: Sequence[str]) -> None:
    # Everything quoted that YAML might read in another way: our reader takes plain text as it is written.
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    head = "".join(f"# {' '.join(note.split())}\n" for note in ["Drafted from Zendesk.", *notes])
    path.write_text(f"{head}{text}", encoding="utf-8")
