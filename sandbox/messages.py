"""Loads a CSV of real public messages as an X account landscape.

The layout of the data set "Customer Support on Twitter" is accepted as it is. Columns, by name, in any order; other
columns (also an unnamed one in front) are ignored:

| column | required | content |
|---|---|---|
| `tweet_id` | yes | decimal digits, unique |
| `author_id` | yes | a brand by its handle, a customer by a number (or a handle) |
| `inbound` | yes | `True` by a customer, `False` by a brand (any case; also 1/0) |
| `created_at` | yes | `Tue Oct 31 22:10:47 +0000 2017`, or ISO 8601 with a zone (`2017-10-31T22:10:47Z`) |
| `text` | yes | the message; line breaks inside quotes are fine |
| `response_tweet_id` | no | comma list of the tweets that answer this one |
| `in_response_to_tweet_id` | no | the tweet that this one answers; `3.0` is `3`. Wins over `response_tweet_id` |

What is made of it: authors of outbound tweets become accounts of their own (brands), all others customers. A tweet's
conversation is the root of its reply tree; a parent that is not in the file counts as a deleted tweet and is the root.
Nothing is half loaded: the first malformed row is a MessagesError that names file, line and column.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox.x_store import MENTION, Tweet, XStore, XUser

REQUIRED = ("tweet_id", "author_id", "inbound", "created_at", "text")
OPTIONAL = ("response_tweet_id", "in_response_to_tweet_id")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_EPOCH = datetime(2006, 3, 21, tzinfo=UTC)


class MessagesError(ValueError):
    """The file cannot be used; the message says where, what is wrong and what would be right."""


@dataclass(slots=True)
class Message:
    """One row of the file."""

    tweet_id: str
    author_id: str
    is_inbound: bool
    at: int
    text: str
    answers: str | None
    answered_by: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """What a file holds: handles of the brands (busiest first), first and last instant (UTC), number of rows."""

    accounts: tuple[str, ...]
    first_created_at: datetime
    last_created_at: datetime
    row_count: int


def describe(path: str | Path) -> Description:
    """Accounts, period and size of a CSV; raises MessagesError like `load_messages`."""
    messages = read_messages(Path(path))
    counts: dict[str, int] = {}
    for message in messages:
        if not message.is_inbound:
            counts[message.author_id] = counts.get(message.author_id, 0) + 1
    accounts = sorted(counts, key=lambda handle: (-counts[handle], handle))
    times = [message.at for message in messages]
    return Description(
        tuple(accounts), datetime.fromtimestamp(min(times), UTC), datetime.fromtimestamp(max(times), UTC), len(messages)
    )


def read_messages(path: Path) -> list[Message]:
    """All rows of the file, checked; raises MessagesError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise MessagesError(
            f"{path}: no such file; give the path of a CSV with the columns {', '.join(REQUIRED)}"
        ) from error
    except OSError as error:
        raise MessagesError(f"{path}: cannot be read ({error.strerror}); give the path of a CSV file") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise MessagesError(f"{path}, line {line}: not UTF-8 (byte {error.start}); save the file as UTF-8") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise MessagesError(f"{path}, line {line}: holds a NUL character; save the file as UTF-8 text")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    messages: list[Message] = []
    lines: dict[str, int] = {}
    try:
        names = [name.strip() for name in next(reader, [])]
        columns = _columns(path, names)
        for line, row in _rows(reader):
            place = _Place(path, line, columns, row)
            place.check_width(names)
            message = _message(place)
            if message.tweet_id in lines:
                what = (
                    f"{message.tweet_id} is also in line {lines[message.tweet_id]}; every tweet_id must be there once"
                )
                raise MessagesError(f"{path}, line {line}, column tweet_id: {what}")
            lines[message.tweet_id] = line
            messages.append(message)
    except csv.Error as error:
        what = f"{error}; put a text with commas, quotes or line breaks in double quotes, and double the quotes in it"
        raise MessagesError(f"{path}, line {reader.line_num}: {what}") from error
    if not messages:
        raise MessagesError(f"{path}, line 2: the file has no rows; at least one message is needed")
    if all(message.is_inbound for message in messages):
        what = "no row has inbound = False; without a brand's tweet there is no account to measure"
        raise MessagesError(f"{path}, column inbound: {what}")
    return messages


def _columns(path: Path, names: list[str]) -> dict[str, int]:
    """Place of every named column."""
    for name in REQUIRED:
        if name not in names:
            found = ", ".join(n for n in names if n) or "none"
            what = f"the column is missing (found: {found}); the first line must name it"
            raise MessagesError(f"{path}, line 1, column {name}: {what}")
    for name in (*REQUIRED, *OPTIONAL):
        if names.count(name) > 1:
            raise MessagesError(f"{path}, line 1, column {name}: named {names.count(name)} times; name it once")
    return {name: place for place, name in enumerate(names) if name}


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line on which each begins; blank lines are skipped."""
    begins = reader.line_num + 1  # type: ignore[attr-defined]
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1  # type: ignore[attr-defined]


@dataclass
class _Place:
    """A row and where it stands, for reading its cells and for saying what is wrong with one."""

    path: Path
    line: int
    columns: dict[str, int]
    row: list[str]

    def check_width(self, names: list[str]) -> None:
        """Raises MessagesError unless the row has as many cells as the header."""
        found, wanted = len(self.row), len(names)
        if found < wanted:
            name = names[found] or f"number {found + 1}"
            raise self.error(name, f"the row has {found} cells and ends before this column", f"{wanted} cells")
        if found > wanted:
            right = f"{wanted}; put a text that holds commas in double quotes"
            raise self.error(names[-1] or f"number {wanted}", f"the row has {found} cells", right)

    def cell(self, name: str) -> str:
        place = self.columns.get(name)
        return "" if place is None else self.row[place]

    def error(self, name: str, wrong: str, right: str) -> MessagesError:
        return MessagesError(f"{self.path}, line {self.line}, column {name}: {wrong}; expected {right}")


def _message(place: _Place) -> Message:
    tweet_id = _tweet_id(place, "tweet_id", place.cell("tweet_id"))
    author = place.cell("author_id").strip()
    if not re.fullmatch(r"[A-Za-z0-9_]{1,20}", author):
        raise place.error("author_id", f"{author!r}", "a handle without @ (letters, digits, _) or a number")
    inbound = _BOOLEANS.get(place.cell("inbound").strip().lower())
    if inbound is None:
        raise place.error("inbound", repr(place.cell("inbound")), "True (by a customer) or False (by the brand)")
    parent = place.cell("in_response_to_tweet_id").strip()
    replies = place.cell("response_tweet_id").strip()
    return Message(
        tweet_id,
        author,
        inbound,
        _instant(place),
        place.cell("text"),
        _tweet_id(place, "in_response_to_tweet_id", parent) if parent else None,
        tuple(_tweet_id(place, "response_tweet_id", part) for part in replies.split(",") if part.strip()),
    )


def _tweet_id(place: _Place, name: str, given: str) -> str:
    """Digits; `3.0` (what a spreadsheet makes of 3) is 3."""
    match = re.fullmatch(r"([0-9]{1,19})(?:\.0+)?", given.strip(), re.ASCII)
    if match is None:
        raise place.error(name, repr(given), "a tweet id in decimal digits, such as 119237")
    return str(int(match[1]))


def _instant(place: _Place) -> int:
    given = place.cell("created_at").strip()
    found = None
    for reads in (
        lambda: datetime.strptime(given, "%a %b %d %H:%M:%S %z %Y"),
        lambda: datetime.fromisoformat(given),
    ):
        try:
            found = reads()
            break
        except ValueError:
            continue
    right = "'Tue Oct 31 22:10:47 +0000 2017' or ISO 8601 with a zone, '2017-10-31T22:10:47Z'"
    if found is None:
        raise place.error("created_at", repr(given), right)
    if found.tzinfo is None:
        raise place.error("created_at", f"{given!r} has no time zone", right)
    if found < _EPOCH:
        raise place.error("created_at", f"{given!r} is before the first tweet (2006-03-21)", right)
    return int(found.timestamp())


def load_messages(path: Path) -> XStore:
    """Read the file and put it in the shape that X's API serves; raises MessagesError."""
    messages = read_messages(path)
    messages.sort(key=lambda message: (message.at, int(message.tweet_id)))
    by_id = {message.tweet_id: message for message in messages}
    parents = _parents(messages, by_id)
    brands = {message.author_id for message in messages if not message.is_inbound}
    names = {m.author_id for m in messages} | {n for m in messages for n in MENTION.findall(m.text) if n.isdigit()}
    ids = _user_ids(sorted(names))
    first_seen: dict[str, int] = {}
    for message in messages:
        first_seen.setdefault(message.author_id, message.at)
    start = messages[0].at
    users = [XUser(ids[n], n, n, "", first_seen.get(n, start), n in brands, n in brands) for n in sorted(names)]
    tweets = []
    roots: dict[str, str] = {}
    for message in messages:
        parent = parents.get(message.tweet_id)
        answered = by_id.get(parent) if parent else None
        tweets.append(
            Tweet(
                message.tweet_id,
                ids[message.author_id],
                message.at,
                message.text,
                _root(message.tweet_id, parents, roots),
                "und",
                ids[answered.author_id] if answered else None,
                (("replied_to", parent),) if parent else (),
            )
        )
    return XStore(users, tweets, start, messages[-1].at + 1)


def _parents(messages: list[Message], by_id: dict[str, Message]) -> dict[str, str]:
    """The tweet that each one answers, by its own column, else by the parent's list of answers. No tweet answers itself
    or one of its own answers: such a link is dropped."""
    found = {m.tweet_id: m.answers for m in messages if m.answers and m.answers != m.tweet_id}
    for message in messages:
        for child in message.answered_by:
            if child in by_id and child != message.tweet_id and by_id[child].answers is None:
                found.setdefault(child, message.tweet_id)
    for tweet_id in list(found):
        seen = {tweet_id}
        place = found.get(tweet_id)
        while place is not None and place not in seen:
            seen.add(place)
            place = found.get(place)
        if place is not None:
            del found[tweet_id]
    return found


def _root(tweet_id: str, parents: dict[str, str], known: dict[str, str]) -> str:
    """Id of the first tweet of the tree."""
    path = []
    place = tweet_id
    while place not in known and place in parents:
        path.append(place)
        place = parents[place]
    root = known.get(place, place)
    known.update(dict.fromkeys(path, root))
    return root


def _user_ids(names: list[str]) -> dict[str, str]:
    """Numbers stay as they are; a handle gets a number made of its own letters, the same on every run."""
    ids = {name: str(int(name)) for name in names if name.isdigit()}
    taken = set(ids.values())
    for name in names:
        if name in ids:
            continue
        number = 7_000_000_000_000 + int.from_bytes(hashlib.sha256(name.lower().encode()).digest()[:5])
        while str(number) in taken:
            number += 1
        ids[name] = str(number)
        taken.add(ids[name])
    return ids
