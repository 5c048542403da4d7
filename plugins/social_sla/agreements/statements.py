"""The public statement of a channel, in plain words, from the terms that its clocks run on (docs/public-statement.md).

It answers five questions: what you get; when we answer; how fast, and whether all; what the company gets (internal
unless chosen); what we do not tolerate. The longest wording that its place takes is used.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from social_sla.agreements.calendar_models import Schedule
from social_sla.agreements.channel_models import Channel
from social_sla.agreements.phrases import PHRASES, Phrases, phrases_of
from social_sla.agreements.promises import Promise, fastest, length_of
from social_sla.agreements.readability import Readability, readability
from social_sla.agreements.statement_hours import (
    duration_words,
    hours_words,
    is_always_open,
    joined,
    zone_words,
)
from social_sla.agreements.statement_models import CHARACTER_LIMITS, Answers, Placement, Published
from social_sla.agreements.vocabulary import Basis, Responder

VERIFY_EVERY_DAYS = 90

NO_STATEMENT = "no_statement"
TOO_LONG = "too_long"
HARD_TO_READ = "hard_to_read"
NOT_PUBLISHED = "not_published"
NOT_VERIFIED = "not_verified"
VERIFIED_LONG_AGO = "verified_long_ago"
PROBLEM_WORDS = {
    NO_STATEMENT: "nothing is said in public",
    TOO_LONG: "too long for its place",
    HARD_TO_READ: "hard to read",
    NOT_PUBLISHED: "no place is named in which it stands",
    NOT_VERIFIED: "nobody has looked whether it stands there",
    VERIFIED_LONG_AGO: "last looked at too long ago",
}


@dataclass(frozen=True)
class StatementText:
    """One statement: a channel, a place, a language. `verified_date` is a local date of the agreement's zone."""

    channel_id: str
    promise: Promise
    language: str
    text: str
    placement: Placement | None
    character_limit: int | None
    url: str | None
    verified_date: date | None
    is_written_by_hand: bool
    is_main: bool
    reading: Readability
    problems: tuple[str, ...]

    @property
    def character_count(self) -> int:
        return count_characters(self.text)


def count_characters(text: str) -> int:
    """Characters as the places count them: code points of the composed form."""
    return len(unicodedata.normalize("NFC", text))


def statements_of(promise: Promise, channel: Channel, schedule: Schedule | None, today: date) -> list[StatementText]:
    """The statements of a channel: each published place, and each language that has none. The first is the main one.

    Args:
        promise: what is promised on the channel.
        schedule: the promise's hours, None for every second.
        today: the local date on which hours and verification are looked at.
    """
    stated = promise.agreement.stated.statement
    languages = languages_of(promise, channel)
    published = [item for item in stated.published if item.channel == channel.channel_id] if stated else []
    places: list[tuple[str, Published | None]] = [(item.language or languages[0], item) for item in published]
    places += [(language, None) for language in languages if language not in {name for name, _ in places}]
    found: list[StatementText] = []
    for language, place in places:
        if phrases_of(language) is None and (place is None or place.text is None):
            continue  # a check has told it where people state it
        found.append(_statement(promise, channel, schedule, today, language, place, is_main=not found))
    return found


def languages_of(promise: Promise, channel: Channel) -> tuple[str, ...]:
    """The statement's languages: those that it states, else those of the channel that have phrases, else English."""
    stated: tuple[str, ...] | None = promise.agreement.statement_value("languages")
    known = tuple(language for language in channel.languages if phrases_of(language) is not None)
    return stated or known or ("en",)


def _statement(
    promise: Promise,
    channel: Channel,
    schedule: Schedule | None,
    today: date,
    language: str,
    place: Published | None,
    *,
    is_main: bool,
) -> StatementText:
    limit = limit_of(place)
    by_hand = place is not None and place.text is not None
    text = place.text if place is not None and place.text is not None else ""
    if not by_hand:
        wordings = list(_wordings(promise, channel, schedule, today, language))
        text = next((one for one in wordings if limit is None or count_characters(one) <= limit), wordings[-1])
    reading = readability(text, language)
    return StatementText(
        channel_id=channel.channel_id,
        promise=promise,
        language=language,
        text=text,
        placement=place.placement if place else None,
        character_limit=limit,
        url=place.url if place else None,
        verified_date=place.verified_at if place else None,
        is_written_by_hand=by_hand,
        is_main=is_main,
        reading=reading,
        problems=tuple(_problems(promise, text, limit, reading, place, today)),
    )


def limit_of(place: Published | None) -> int | None:
    """The most characters that a place takes; None: no limit."""
    if place is None:
        return None
    return place.character_limit or CHARACTER_LIMITS[place.placement]


def _problems(
    promise: Promise, text: str, limit: int | None, reading: Readability, place: Published | None, today: date
) -> Iterable[str]:
    if limit is not None and count_characters(text) > limit:
        yield TOO_LONG
    if not reading.is_plain:
        yield HARD_TO_READ
    if place is None:
        yield NOT_PUBLISHED
        return
    every = promise.agreement.statement_value("verify_every_days") or VERIFY_EVERY_DAYS
    if place.verified_at is None:
        yield NOT_VERIFIED
    elif today - place.verified_at > timedelta(days=every):
        yield VERIFIED_LONG_AGO


def _wordings(
    promise: Promise, channel: Channel, schedule: Schedule | None, today: date, language: str
) -> Iterable[str]:
    """The statement from the fullest wording to the shortest."""
    words = _Words(promise, channel, schedule, today, language)
    offer, company = words.offer(), words.company()
    yield _together(
        offer, words.here(), words.holidays(), words.speed(), words.urgent(), words.rate(), words.outside(), company,
        words.tolerance(is_brief=False),
    )  # fmt: skip
    yield _together(offer, words.here(), words.speed(), words.rate(), company, words.tolerance(is_brief=False))
    yield _together(offer, words.here(), words.speed(), company, words.tolerance(is_brief=True))
    yield _together(offer, words.here_briefly(), words.speed(), words.tolerance(is_brief=True))
    yield _together(words.here_briefly(), words.speed(), words.tolerance(is_brief=True))
    yield _together(words.here_briefly(), words.speed())
    yield _together(words.here_briefly(), words.speed(is_brief=True))


def _together(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


class _Words:
    """The sentences of one statement in one language."""

    def __init__(
        self, promise: Promise, channel: Channel, schedule: Schedule | None, today: date, language: str
    ) -> None:
        found = phrases_of(language)
        assert found is not None
        self.promise = promise
        self.channel = channel
        self.schedule = schedule
        self.today = today
        self.code = language
        self.language, self.phrases = found
        self.is_always = is_always_open(schedule, today)
        self.is_in_hours = promise.goal.basis is Basis.BUSINESS and not self.is_always

    def _own(self, term: str) -> str:
        """A sentence that the agreement states for the language."""
        texts: dict[str, str] = self.promise.agreement.statement_value(term) or {}
        text = texts.get(self.code) or texts.get(self.language) or ""
        return text if not text or text.endswith((".", "!", "?")) else f"{text}."

    def offer(self) -> str:
        by_person = self.promise.goal.responder is Responder.HUMAN
        return self._own("offer") or (self.phrases.person_answers if by_person else self.phrases.somebody_answers)

    def company(self) -> str:
        return self._own("company_gets") if self.promise.agreement.statement_value("shows_company_gets") else ""

    def _hours(self, *, is_brief: bool) -> dict[str, str]:
        schedule = self.schedule
        assert schedule is not None
        hours = hours_words(schedule, self.today, self.language, is_brief=is_brief)
        return {"hours": hours, "zone": zone_words(schedule.timezone, self.language)}

    def here(self) -> str:
        if self.is_always:
            return self.phrases.always_here
        return self.phrases.here.format(**self._hours(is_brief=False))

    def here_briefly(self) -> str:
        if self.is_always:
            return self.phrases.always_here_briefly
        return self.phrases.here_briefly.format(**self._hours(is_brief=True))

    def holidays(self) -> str:
        return self.phrases.holidays if self.schedule is not None and self.schedule.holidays else ""

    def speed(self, *, is_brief: bool = False) -> str:
        answers = self.promise.agreement.statement_value("answers") or Answers.ALL
        # A working day says by itself which hours count.
        has_hours = self.is_in_hours and not is_brief and self.promise.target.seconds is not None
        sentences = self.phrases.answers_in_hours if has_hours else self.phrases.answers
        return sentences[answers].format(time=duration_words(self.promise.target, self.language))

    def urgent(self) -> str:
        quick = fastest(self.promise.goal)
        if length_of(quick) == length_of(self.promise.target):
            return ""
        return self.phrases.urgent.format(time=duration_words(quick, self.language))

    def rate(self) -> str:
        share = self.promise.goal.goal_rate
        if share == 1:
            return ""
        of = next(of for of in (100, 1000, 10_000, 1_000_000) if (share * of) % 1 == 0)
        return self.phrases.rate.format(n=int(share * Decimal(of)), of=of)

    def outside(self) -> str:
        return self.phrases.outside if self.is_in_hours else ""

    def tolerance(self, *, is_brief: bool) -> str:
        rules = self.promise.agreement.tolerance
        if not rules:
            return ""
        words = list(dict.fromkeys(self.phrases.intolerable[rule.rule] for rule in rules))
        template = self.phrases.no_tolerance_briefly if is_brief else self.phrases.no_tolerance
        return template.format(list=joined(words, self.phrases.or_word))


def known_languages() -> tuple[str, ...]:
    """Languages that have phrases."""
    return tuple(sorted(PHRASES))


__all__ = [
    "PROBLEM_WORDS",
    "Phrases",
    "StatementText",
    "count_characters",
    "known_languages",
    "languages_of",
    "limit_of",
    "statements_of",
]
