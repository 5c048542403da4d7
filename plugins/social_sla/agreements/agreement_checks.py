"""What an agreement must hold beyond the shape of each value: its own document, and its terms after inheritance."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from social_sla.agreements.agreement_models import Agreement, Goal
from social_sla.agreements.calendar_models import Schedule
from social_sla.agreements.channel_models import Channel
from social_sla.agreements.config import goal_dates, goal_schedule
from social_sla.agreements.errors import Path, Problem, suggest
from social_sla.agreements.inheritance import Merged, Stated
from social_sla.agreements.local_time import day_start, local_date
from social_sla.agreements.values import DurationUnit
from social_sla.agreements.vocabulary import (
    DEFAULT_TARGET,
    PRIORITIES,
    STATUS_METRICS,
    TRAITS,
    Basis,
    Metric,
    Subject,
)

Found = Iterable[tuple[Path, str]]


@dataclass(frozen=True)
class Known:
    """What an agreement may name. The ids hold also what could not be read, so that one slip is said once; they
    are None when the whole file could not be read."""

    channels: dict[str, Channel]
    schedules: dict[str, Schedule]
    channel_ids: frozenset[str] | None
    schedule_ids: frozenset[str] | None


def check_stated(version: Stated) -> list[Problem]:
    """Problems that one document has by itself."""
    agreement = version.agreement
    found = [*_date_problems(agreement), *_repeated(agreement)]
    for index, goal in enumerate(agreement.goals):
        found += [(("goals", index, *path), message) for path, message in _goal_problems(goal)]
    return [version.problem(path, message) for path, message in found]


def _date_problems(agreement: Agreement) -> Found:
    yield from _ordered(("valid_to",), "valid_from", agreement.valid_from, agreement.valid_to)
    for index, approval in enumerate(agreement.approvals):
        yield from _ordered(("approvals", index, "revoked"), "date", approval.date, approval.revoked)
        yield from _ordered(("approvals", index, "expires"), "date", approval.date, approval.expires)
    for index, goal in enumerate(agreement.goals):
        yield from _ordered(("goals", index, "to_date"), "from_date", goal.from_date, goal.to_date)


def _ordered(path: Path, earlier: str, first: date | None, last: date | None) -> Found:
    if first and last and last < first:
        yield path, f"{last} is before {earlier} {first}; write a later date"


def _repeated(agreement: Agreement) -> Found:
    lists: list[tuple[str, str | None, list[object]]] = [
        ("goals", "goal_id", [goal.goal_id for goal in agreement.goals]),
        ("parties", "party_id", [party.party_id for party in agreement.parties or ()]),
        ("channels", None, list(agreement.channels or ())),
    ]
    for name, key, values in lists:
        for index, value in enumerate(values):
            if value in values[:index]:
                path: Path = (name, index) if key is None else (name, index, key)
                yield path, f"'{value}' is already in the list; keep one of them"


def _goal_problems(goal: Goal) -> Found:
    if goal.target is not None and goal.targets is not None:
        yield ("targets",), "stands beside target; give target for every priority alike, or targets by priority"
    for name in goal.targets or {}:
        if name not in (*PRIORITIES, DEFAULT_TARGET):
            yield ("targets", name), f"unknown priority '{name}'; {suggest(name, (*PRIORITIES, DEFAULT_TARGET))}"
    for index, name in enumerate(goal.priorities or ()):
        if name not in PRIORITIES:
            yield ("priorities", index), f"unknown priority '{name}'; {suggest(name, PRIORITIES)}"
    for index, team in enumerate(goal.teams or ()):
        if team in (goal.teams or ())[:index]:
            yield ("teams", index), f"'{team}' is already in the list; keep one of them"


def check_waivers(versions: Iterable[Stated]) -> list[Problem]:
    """Waivers of the same month that overlap: they are an agreement's, whichever version states them."""
    problems: list[Problem] = []
    seen: dict[tuple[str, date], list[str | None]] = {}
    for version in versions:
        agreement = version.agreement
        for index, waiver in enumerate(agreement.waivers):
            goals = seen.setdefault((agreement.agreement_id, waiver.period), [])
            if waiver.goal in goals or (goals and None in (*goals, waiver.goal)):
                problems.append(
                    version.problem(
                        ("waivers", index),
                        f"{waiver.period:%Y-%m} is waived already; keep one waiver for every goal, or one for each",
                    )
                )
            goals.append(waiver.goal)
    return problems


def check_merged(merged: Merged, known: Known) -> list[Problem]:
    """Problems of a version with its inherited terms. What only the parent states is said at the parent."""
    found = [
        *_agreement_terms(merged),
        *_references(merged, known),
        *_own_lists(merged),
        *(item for goal_id in merged.goals for item in _effective_goal(merged, goal_id, known)),
    ]
    return [merged.stated.problem(path, message) for path, message in found]


def _agreement_terms(merged: Merged) -> Found:
    for term, right in (
        ("provider", "name who serves"),
        ("customer", "name who is served"),
        ("timezone", "name the IANA zone of its dates and months"),
        ("parties", "name the parties that approve it"),
    ):
        if merged.value(term) is None and merged.parent is None:  # else the parent has just been told
            yield (term,), f"is missing; {right}"
    if merged.value("channels") and not merged.goals:
        yield ("goals",), "is empty; name at least one goal, for the agreement covers channels"


def _references(merged: Merged, known: Known) -> Found:
    own = merged.stated.agreement
    for index, channel_id in enumerate(own.channels or ()):
        if known.channel_ids is not None and channel_id not in known.channel_ids:
            yield ("channels", index), f"unknown channel '{channel_id}'; {suggest(channel_id, known.channel_ids)}"
    places: list[tuple[Path, str | None]] = [(("hours",), own.hours)]
    places += [(("goals", index, "hours"), goal.hours) for index, goal in enumerate(own.goals)]
    for path, schedule_id in places:
        if schedule_id is None or known.schedule_ids is None:
            continue
        if schedule_id not in known.schedule_ids:
            yield path, f"unknown schedule '{schedule_id}'; {suggest(schedule_id, known.schedule_ids)}"
    used = {merged.value("hours"), *(goal_schedule(merged, goal_id) for goal_id in merged.goals)}
    zone = merged.value("timezone")
    for name in sorted(item for item in used if item in known.schedules):
        schedule = known.schedules[name]
        first = schedule.effective_parts[0].valid_from if schedule.effective_parts else None
        begins = local_date(schedule.timezone, day_start(zone, own.valid_from)) if zone else own.valid_from
        if first is not None and begins < first:
            yield (
                ("hours",) if own.hours == name else (),
                f"schedule '{name}' has no hours for {begins}, when this version begins (its first part is valid from "
                f"{first}); let that part begin earlier",
            )


def _own_lists(merged: Merged) -> Found:
    own = merged.stated.agreement
    parties = {party.party_id for party in merged.value("parties") or ()}
    for index, approval in enumerate(own.approvals):
        if parties and approval.party not in parties:
            yield ("approvals", index, "party"), f"unknown party '{approval.party}'; {suggest(approval.party, parties)}"
    for index, waiver in enumerate(own.waivers):
        if waiver.goal is not None and waiver.goal not in merged.goals:
            yield ("waivers", index, "goal"), f"unknown goal '{waiver.goal}'; {suggest(waiver.goal, merged.goals)}"
    inherited = merged.parent.goals if merged.parent else {}
    for index, goal_id in enumerate(own.without_goals):
        if goal_id not in inherited:
            hint = suggest(goal_id, inherited) if inherited else "no goal is inherited"
            yield ("without_goals", index), f"'{goal_id}' is no goal of the parent; {hint}"
        elif merged.stated.goal_index(goal_id) is not None:
            yield ("without_goals", index), f"'{goal_id}' is among the goals too; keep it in one place"


def _effective_goal(merged: Merged, goal_id: str, known: Known) -> Found:
    index = merged.stated.goal_index(goal_id)
    base: Path = () if index is None else ("goals", index)
    name = f"goal {goal_id}, inherited from {merged.inherited_from(goal_id)}, " if index is None else ""
    if index is not None:
        for term, right in (
            ("metric", f"one of {', '.join(Metric)}"),
            ("targets", "give a target like 4h, or targets by priority"),
            ("basis", "write calendar or business"),
            ("goal_rate", "write the share to be met, like 0.90"),
        ):
            if merged.goal_value(goal_id, term) is None:
                place = "target" if term == "targets" else term
                inherited = " and not inherited" if merged.parent else ""
                yield (*base, place), f"is missing{inherited}; {right}"
        if goal_dates(merged, goal_id) is None and _has_dates_in_order(merged, goal_id):
            yield base, "has no date in common with its version; correct from_date and to_date"
    yield from _basis_problems(merged, goal_id, base)
    yield from _source_problems(merged, goal_id, base, name, known)
    yield from _ownership_problems(merged, goal_id, base)
    yield from _team_problems(merged, goal_id, base, name, known)
    targets, priorities = merged.goal_value(goal_id, "targets"), merged.goal_value(goal_id, "priorities")
    if targets and priorities and DEFAULT_TARGET not in targets and merged.states(goal_id, "targets", "priorities"):
        without = [priority for priority in priorities if priority in PRIORITIES and priority not in targets]
        if without:
            yield (*base, "targets"), f"{name}has no target for {', '.join(without)}; add it, or a default"
    people = merged.value("measures_people")
    is_on_members = merged.goal_value(goal_id, "subject") is Subject.MEMBER
    if is_on_members and not people and merged.goal_value(goal_id, "metric") is not Metric.OWNERSHIP_TIME:
        yield (
            (*base, "subject") if index is not None else base,
            f"{name}is on single people, but the agreement does not let them be measured; write measures_people: "
            "true, or subject: team",
        )


def _has_dates_in_order(merged: Merged, goal_id: str) -> bool:
    version = merged.stated.agreement
    first, last = merged.goal_value(goal_id, "from_date"), merged.goal_value(goal_id, "to_date")
    return (version.valid_to is None or version.valid_from <= version.valid_to) and not (
        first and last and last < first
    )


def _basis_problems(merged: Merged, goal_id: str, base: Path) -> Found:
    basis = merged.goal_value(goal_id, "basis")
    targets = merged.goal_value(goal_id, "targets") or {}
    if merged.states(goal_id, "basis", "targets"):
        for priority, target in targets.items():
            path = _target_path(merged, goal_id, base, priority)
            if target.unit is DurationUnit.BUSINESS_DAYS and basis is Basis.CALENDAR:
                yield (
                    path,
                    f"{target} needs business hours; write basis: business, or {target.value}d for calendar days",
                )
            if target.unit is DurationUnit.DAYS and basis is Basis.BUSINESS:
                yield (
                    path,
                    f"{target} on business hours may mean two things; write {target.value} business "
                    f"day{'' if target.value == 1 else 's'} for scheduled days, or {target.value * 24}h for open hours",
                )
    if base and basis is Basis.BUSINESS and goal_schedule(merged, goal_id) is None:
        yield base, "runs on business hours, but the agreement names none; add hours: with a schedule_id"


def _target_path(merged: Merged, goal_id: str, base: Path, priority: str) -> Path:
    index = merged.stated.goal_index(goal_id)
    goal = merged.stated.agreement.goals[index] if index is not None else None
    if goal and goal.target is not None:
        return (*base, "target")
    return (*base, "targets", priority) if goal and goal.targets is not None else base


def _source_problems(merged: Merged, goal_id: str, base: Path, name: str, known: Known) -> Found:
    """What the channels' sources cannot offer to a goal."""
    stated_here = merged.stated.agreement.channels is not None
    channels = [known.channels[item] for item in merged.value("channels") or () if item in known.channels]
    metric = merged.goal_value(goal_id, "metric")
    targets = merged.goal_value(goal_id, "targets") or {}
    for source in sorted({channel.source for channel in channels}):
        traits = TRAITS[source]
        covered = ", ".join(channel.channel_id for channel in channels if channel.source is source)
        if not traits.has_statuses:
            if metric in STATUS_METRICS and (stated_here or merged.states(goal_id, "metric")):
                yield (
                    (*base, "metric") if base else base,
                    f"{name}{metric} needs statuses, and {source} has none, so nothing on {covered} is ever open or "
                    "solved; use first_response or next_response there",
                )
            pauses = merged.goal_value(goal_id, "pause_statuses")
            if pauses and (stated_here or merged.states(goal_id, "pause_statuses")):
                yield (
                    (*base, "pause_statuses") if base else base,
                    f"{name}a pause needs statuses, and {source} has none, so no clock on {covered} ever pauses; "
                    "leave pause_statuses out there",
                )
        if traits.priorities:
            continue
        if targets and DEFAULT_TARGET not in targets and (stated_here or merged.states(goal_id, "targets")):
            yield (
                (*base, "targets") if base else base,
                f"{name}has no default, and {source} has no priorities, so nothing on {covered} has a target; "
                "add a target named default",
            )
        if merged.goal_value(goal_id, "priorities") and (stated_here or merged.states(goal_id, "priorities")):
            yield (
                (*base, "priorities") if base else base,
                f"{name}asks for priorities, and {source} has none, so no conversation on {covered} is in the goal; "
                "leave priorities out there",
            )


def _ownership_problems(merged: Merged, goal_id: str, base: Path) -> Found:
    """Ownership is on teams, and `teams` is on ownership."""
    metric, subject = merged.goal_value(goal_id, "metric"), merged.goal_value(goal_id, "subject")
    terms = merged.goals[goal_id]
    if metric is Metric.OWNERSHIP_TIME:
        if subject is not Subject.TEAM and merged.states(goal_id, "metric", "subject"):
            is_own = merged.states(goal_id, "subject")
            source, right = ("", ", or leave subject out") if is_own else (f", from {terms['subject'].stated_by}", "")
            yield (*base, "subject"), f"is {subject}{source}, but ownership_time is on teams; write team{right}"
    elif metric is not None and "teams" in terms:
        if merged.states(goal_id, "teams"):
            yield (
                (*base, "teams"),
                f"is only for ownership_time, and the metric is {metric}; leave teams out, or write metric: "
                "ownership_time",
            )
        elif merged.states(goal_id, "metric"):
            yield (
                (*base, "metric"),
                f"is {metric}, but teams, from {terms['teams'].stated_by}, is only for ownership_time; keep "
                "ownership_time, or make this a goal with a goal_id of its own",
            )


def _team_problems(merged: Merged, goal_id: str, base: Path, name: str, known: Known) -> Found:
    """Teams of accounts that the agreement does not cover; where it covers nothing itself, that no channel has."""
    teams: tuple[str, ...] | None = merged.goal_value(goal_id, "teams")
    channel_ids = frozenset(merged.value("channels") or known.channel_ids or ())
    if not teams or merged.goal_value(goal_id, "metric") is not Metric.OWNERSHIP_TIME:
        return
    if not channel_ids <= set(known.channels):  # a channel that could not be read may be the one that is meant
        return
    everywhere = {_account(item): item.source for item in known.channels.values() if TRAITS[item.source].team_pattern}
    covered = {_account(known.channels[channel_id]) for channel_id in channel_ids}
    accounts = {account: source for account, source in everywhere.items() if account in covered}
    if not accounts:  # the metric has been told to need another source
        return
    if merged.states(goal_id, "teams"):
        for index, team in enumerate(teams):
            account, _, team_id = team.rpartition(":")
            if account not in accounts:
                where = "the agreement covers" if merged.value("channels") else "any channel has"
                message = f"'{team}' names no account with teams that {where}; {suggest(account, accounts)}"
                yield (*base, "teams", index), message.rstrip("; ")
            elif not re.fullmatch(TRAITS[accounts[account]].team_pattern or "", team_id):
                help_text = TRAITS[accounts[account]].team_help
                yield (*base, "teams", index), f"'{team_id}' is no team of {accounts[account]}; write {help_text}"
    elif merged.stated.agreement.channels is not None:
        named = {team.rpartition(":")[0] for team in teams}
        if named <= everywhere.keys() and not named & accounts.keys():  # others have been told where they are stated
            yield (
                (*base, "teams") if base else base,
                f"{name}names teams of {', '.join(sorted(named))} alone, and the agreement covers no channel there; "
                f"name teams of {', '.join(sorted(accounts))}"
                + ("" if base else f", or put {goal_id} under without_goals"),
            )


def _account(channel: Channel) -> str:
    """How the teams of a channel's account begin."""
    return f"{channel.source}:{channel.account}"
