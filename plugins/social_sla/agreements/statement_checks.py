"""What a public statement must hold beyond the shape of each value: its channels, its languages, its length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from social_sla.agreements.channel_models import Channel
from social_sla.agreements.errors import Path, Problem, suggest
from social_sla.agreements.in_force import Span, date_span
from social_sla.agreements.inheritance import Merged
from social_sla.agreements.phrases import phrases_of
from social_sla.agreements.statement_models import Published, Statement
from social_sla.agreements.statements import count_characters, known_languages, limit_of
from social_sla.agreements.vocabulary import Metric

Found = Iterable[tuple[Path, str]]

_ANSWERS = (None, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
"""Measures of an answer; None: another check has told that the goal has none."""


def check_statement(merged: Merged, channels: dict[str, Channel]) -> list[Problem]:
    """Problems of one version's statement and of what it does not tolerate."""
    own = merged.stated.agreement
    found: list[tuple[Path, str]] = []
    for index, rule in enumerate(own.tolerance or ()):
        if rule.rule in [other.rule for other in (own.tolerance or ())[:index]]:
            found.append((("tolerance", index, "rule"), f"'{rule.rule}' is already in the list; keep one of them"))
    if own.statement is not None:
        found += [(("statement", *path), message) for path, message in _statement(merged, own.statement, channels)]
    return [merged.stated.problem(path, message) for path, message in found]


def _statement(merged: Merged, statement: Statement, channels: dict[str, Channel]) -> Found:
    goals = {goal_id: merged.goal_value(goal_id, "metric") for goal_id in merged.goals}
    covered: tuple[str, ...] = merged.value("channels") or ()
    if statement.goal is not None and statement.goal not in goals:
        yield ("goal",), f"unknown goal '{statement.goal}'; {suggest(statement.goal, goals)}"
    elif statement.goal is not None and goals[statement.goal] not in _ANSWERS:
        metric = goals[statement.goal]
        yield ("goal",), f"'{statement.goal}' is on {metric}; name a goal on first_response or next_response"
    named = merged.statement["goal"].value if "goal" in merged.statement else None
    if covered and named is None and Metric.FIRST_RESPONSE not in goals.values():
        yield (), "names no time: the agreement has no goal on first_response; add one, or write goal: with a goal_id"
    for index, place in enumerate(statement.published):
        yield from (((("published", index, *path)), message) for path, message in _place(place, covered))
        twin = (place.channel, place.placement, place.language)
        if twin in [(item.channel, item.placement, item.language) for item in statement.published[:index]]:
            yield ("published", index), f"{place.placement} of '{place.channel}' is already in the list; keep one"
    yield from _languages(merged, statement, [channels[item] for item in covered if item in channels])


def _place(place: Published, covered: Sequence[str]) -> Found:
    if place.channel not in covered:
        hint = suggest(place.channel, covered) if covered else "the agreement covers no channel: add channels"
        yield ("channel",), f"'{place.channel}' is no channel of this agreement; {hint}".rstrip("; ")
    if place.verified_at is not None and place.url is None:
        yield ("verified_at",), "says that somebody has read it, but not where; add url"
    limit = limit_of(place)
    if place.text is not None and limit is not None and count_characters(place.text) > limit:
        more = count_characters(place.text) - limit
        yield (
            ("text",),
            f"has {count_characters(place.text)} characters, and {place.placement} takes {limit}; shorten it by "
            f"{more}, or leave text out and let it be written",
        )


def _languages(merged: Merged, statement: Statement, channels: Sequence[Channel]) -> Found:
    """Languages without phrases need words that people wrote, on every channel."""
    known = ", ".join(known_languages())
    stated: tuple[str, ...] = merged.statement["languages"].value if "languages" in merged.statement else ()
    for index, place in enumerate(statement.published):
        if place.language is not None and phrases_of(place.language) is None and place.text is None:
            yield (
                ("published", index, "language"),
                f"there are no phrases for '{place.language}' (only {known}); write the statement under text",
            )
    for index, language in enumerate(statement.languages or ()):
        if phrases_of(language) is not None:
            continue
        for channel in channels:
            places = [item for item in statement.published if item.channel == channel.channel_id]
            if not any((item.language or stated[0]) == language and item.text for item in places):
                yield (
                    ("languages", index),
                    f"there are no phrases for '{language}' (only {known}); write the statement of "
                    f"{channel.channel_id} under published, with language: {language} and text",
                )
                break


def check_speakers(versions: Iterable[Merged]) -> list[Problem]:
    """Two agreements that speak for one channel at the same time: the public hears one promise."""
    speakers: list[tuple[Merged, Span]] = []
    for merged in versions:
        own, zone = merged.stated.agreement, merged.value("timezone")
        if own.statement is not None and zone is not None and (own.valid_to is None or own.valid_to >= own.valid_from):
            speakers.append((merged, date_span(zone, own.valid_from, own.valid_to)))
    problems = []
    ordered = sorted(speakers, key=lambda item: item[0].key)
    for (first, span), (second, other) in combinations(ordered, 2):
        shared = sorted(set(first.value("channels") or ()) & set(second.value("channels") or ()))
        if first.stated.agreement.agreement_id == second.stated.agreement.agreement_id or not shared:
            continue
        if span.minus(other) != [span]:
            problems.append(
                second.stated.problem(
                    ("statement",),
                    f"{first.key} has a statement for {', '.join(shared)} at the same time; keep one of the two, for "
                    "the public hears one promise on a channel",
                )
            )
    return problems
