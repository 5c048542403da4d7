"""The columns of dropped files, and what makes a row good. For people: docs/sources/files.md."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=1)
"""Clocks differ; more than this and an instant is not a clock's fault."""

LONGEST_ID = 200
LONGEST_WORD = 100
LARGEST_INTEGER = 2**53
TAGS_APART = "|"

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))? ?(Z|z|[+-]\d\d:?\d\d)?", flags=re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Kind(Enum):
    """What a column holds."""

    IDENTIFIER = "id"
    TEXT = "text"
    WORD = "word"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    TAGS = "tags"


@dataclass(frozen=True)
class Column:
    """A column that we know. `values`: the words that it may hold; empty = any."""

    name: str
    kind: Kind
    is_required: bool = False
    values: tuple[str, ...] = ()


class BadValue(ValueError):
    """One row cannot land: field, what is wrong with it (the same words for every row with this fault), what to do."""

    def __init__(self, field: str, reason: str, advice: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True)
class Layout:
    """The rows of one stream: their columns, the columns that name a record, and what holds between columns."""

    stream: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Callable[[Mapping[str, Any]], None], ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.is_required)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def record_id(self, row: Mapping[str, Any]) -> str:
        """The id of a good row's record."""
        return "/".join(str(row[name]) for name in self.key)

    def read(self, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """A row with the values of known columns as the landing keeps them; others stay as they came.

        Instants become ISO 8601 texts in UTC. An empty text is null.

        Raises:
            BadValue: one of its fields is not as it must be.
        """
        found = dict(row)
        for column in self.columns:
            value = row.get(column.name)
            if isinstance(value, str) and not value.strip():
                value = None
            if isinstance(value, float) and math.isnan(value):  # what data frames call null
                value = None
            if value is None and column.is_required:
                raise BadValue(column.name, "is missing", "Give every row one.")
            if value is not None:
                found[column.name] = _READERS[column.kind](column, value, now)
            elif column.name in found:
                found[column.name] = None
        for rule in self.rules:
            rule(found)
        return found


def _identifier(column: Column, value: Any, _: datetime) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValue(
            column.name, "is neither text nor a whole number", "Write ids as text, like 4711 and not 4711.0."
        )
    text = str(value).strip()
    if len(text) > LONGEST_ID or _CONTROL.search(text):
        raise BadValue(
            column.name,
            f"is longer than {LONGEST_ID} characters or holds a line break or tab",
            "An id is one short text; look for a quote or delimiter that is missing in this row or the one before.",
        )
    return text


def _text(column: Column, value: Any, _: datetime) -> str:
    if not isinstance(value, str):
        raise BadValue(column.name, "is not text", "Write it as text.")
    if "\x00" in value:
        raise BadValue(column.name, "holds a null character", "Leave null characters out.")
    return value


def _word(column: Column, value: Any, now: datetime) -> str:
    text = _text(column, value, now).strip()
    if column.values and text not in column.values:
        raise BadValue(column.name, "is not one of its words", f"Write one of: {', '.join(column.values)}.")
    if len(text) > LONGEST_WORD or _CONTROL.search(text):
        raise BadValue(column.name, f"is longer than {LONGEST_WORD} characters or holds a line break", "Write a word.")
    return text


def _instant(column: Column, value: Any, now: datetime) -> str:
    example = "Write it like 2026-03-01T09:00:00Z or 2026-03-01T10:00:00+01:00."
    match = _INSTANT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise BadValue(column.name, "is not an ISO 8601 instant", example)
    day, clock, fraction, offset = match.groups()
    if not offset:
        raise BadValue(column.name, "has no offset: it could be any hour of that day", example)
    try:
        text = f"{day}T{clock}{'.' + fraction[:6].ljust(6, '0') if fraction else ''}"
        moment = datetime.fromisoformat(text + ("+00:00" if offset in "Zz" else offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue(column.name, "is no date or time that exists", example) from None
    if not EARLIEST <= moment <= now + LATEST_AHEAD:
        raise BadValue(
            column.name,
            f"lies before {EARLIEST.year} or in the future",
            "Look for a wrong year or unit, or for a clock that is ahead.",
        )
    return iso(moment)


def _boolean(column: Column, value: Any, _: datetime) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    found = value if isinstance(value, bool) else known.get(str(value).strip().lower())
    if found is None:
        raise BadValue(column.name, "is neither true nor false", "Write true or false.")
    return found


def _integer(column: Column, value: Any, _: datetime) -> int:
    if not isinstance(value, bool):
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,16}", value.strip()):
            value = int(value)
        if isinstance(value, int) and abs(value) < LARGEST_INTEGER:
            return value
    raise BadValue(column.name, "is not a whole number", "Write digits only, like 12.")


def _tags(column: Column, value: Any, _: datetime) -> list[str]:
    found = value.split(TAGS_APART) if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(tag, str) for tag in found):
        raise BadValue(column.name, "is not a list of texts", f"Write baggage{TAGS_APART}vip, or a list of texts.")
    return [tag.strip() for tag in found if tag.strip()]


_READERS: dict[Kind, Callable[[Column, Any, datetime], Any]] = {
    Kind.IDENTIFIER: _identifier,
    Kind.TEXT: _text,
    Kind.WORD: _word,
    Kind.INSTANT: _instant,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.TAGS: _tags,
}


def iso(moment: datetime) -> str:
    """`2026-03-01T09:00:00Z`, with microseconds where there are any."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _together(first: str, second: str) -> Callable[[Mapping[str, Any]], None]:
    def rule(row: Mapping[str, Any]) -> None:
        for here, there in ((first, second), (second, first)):
            if row.get(here) is not None and row.get(there) is None:
                raise BadValue(there, f"is missing beside {here}", f"Give {first} and {second}, or neither.")

    return rule


def _not_before(later: str, earlier: str) -> Callable[[Mapping[str, Any]], None]:
    def rule(row: Mapping[str, Any]) -> None:
        if row.get(later) is not None and _moment(row[later]) < _moment(row[earlier]):
            raise BadValue(later, f"lies before {earlier}", "Look for a wrong offset in one of the two.")

    return rule


def _not_itself(other: str, own: str) -> Callable[[Mapping[str, Any]], None]:
    def rule(row: Mapping[str, Any]) -> None:
        if row.get(other) == row[own]:
            raise BadValue(other, f"is the row's own {own}", "Name the other one, or leave it empty.")

    return rule


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _id(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.IDENTIFIER, required)


def _at(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.INSTANT, required)


UPDATED_AT = _at("updated_at")
IS_DELETED = Column("is_deleted", Kind.BOOLEAN)
SEQUENCE = Column("sequence", Kind.INTEGER)
AUTHOR_TYPES = ("customer", "agent", "bot", "auto_reply", "survey", "system")
MESSAGE_KINDS = (
    *("post", "reply", "comment", "direct_message", "email"),
    *("chat", "call", "note", "survey", "review"),
)
PRIORITIES = ("low", "normal", "high", "urgent")
_OF_CHANGE = (
    _id("change_id", required=True),
    _id("conversation_id", required=True),
    _at("changed_at", required=True),
)

# In the order in which they are read. Messages are the one stream that nothing works without, so they come first.
LAYOUTS: dict[str, Layout] = {
    layout.stream: layout
    for layout in (
        Layout(
            "messages",
            (
                _id("message_id", required=True),
                _id("conversation_id", required=True),
                _at("created_at", required=True),
                Column("author_type", Kind.WORD, True, AUTHOR_TYPES),
                _id("author_id"),
                _id("team_id"),
                _at("received_at"),
                Column("is_internal", Kind.BOOLEAN),
                Column("is_delivered", Kind.BOOLEAN),
                Column("kind", Kind.WORD, values=MESSAGE_KINDS),
                _id("in_reply_to_message_id"),
                Column("text", Kind.TEXT),
                SEQUENCE,
                _at("deleted_at"),
                UPDATED_AT,
            ),
            ("message_id",),
            (
                _not_before("received_at", "created_at"),
                _not_before("deleted_at", "created_at"),
                _not_itself("in_reply_to_message_id", "message_id"),
            ),
        ),
        Layout(
            "conversations",
            (
                _id("conversation_id", required=True),
                _id("customer_id", required=True),
                _at("created_at", required=True),
                Column("channel", Kind.WORD),
                Column("subject", Kind.TEXT),
                Column("tags", Kind.TAGS),
                Column("is_spam", Kind.BOOLEAN),
                _id("merged_into_conversation_id"),
                _at("merged_at"),
                _at("deleted_at"),
                UPDATED_AT,
            ),
            ("conversation_id",),
            (
                _together("merged_into_conversation_id", "merged_at"),
                _not_itself("merged_into_conversation_id", "conversation_id"),
                _not_before("merged_at", "created_at"),
                _not_before("deleted_at", "created_at"),
            ),
        ),
        Layout(
            "status_changes",
            (*_OF_CHANGE, Column("status", Kind.WORD, True), SEQUENCE, IS_DELETED, UPDATED_AT),
            ("change_id",),
        ),
        Layout(
            "priority_changes",
            (*_OF_CHANGE, Column("priority", Kind.WORD, values=PRIORITIES), SEQUENCE, IS_DELETED, UPDATED_AT),
            ("change_id",),
        ),
        Layout(
            "assignments",
            (*_OF_CHANGE, _id("team_id"), _id("person_id"), SEQUENCE, IS_DELETED, UPDATED_AT),
            ("change_id",),
        ),
        Layout(
            "people",
            (_id("person_id", required=True), Column("role", Kind.WORD), IS_DELETED, UPDATED_AT),
            ("person_id",),
        ),
        Layout(
            "teams",
            (_id("team_id", required=True), Column("name", Kind.TEXT, True), IS_DELETED, UPDATED_AT),
            ("team_id",),
        ),
        Layout(
            "team_members",
            (_id("team_id", required=True), _id("person_id", required=True), IS_DELETED, UPDATED_AT),
            ("team_id", "person_id"),
        ),
    )
}
