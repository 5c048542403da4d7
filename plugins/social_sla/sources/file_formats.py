"""CSV, NDJSON and Parquet as rows, one after the other, in bounded memory."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from social_sla.sources.file_layout import BadValue, Kind, Layout, iso
from social_sla.sources.wire import not_json

LONGEST_FIELD = 1_000_000
LONGEST_LINE = 16_000_000
DELIMITERS = ",;\t"
_BATCH_ROWS = 1_000
_SHOWN_RAW = 2_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True)
class Row:
    """A row as the file has it. `line` is where it begins (in Parquet: its number), from 1."""

    line: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Unreadable:
    """A row that is no row of its format. `raw` is what stands there, cut where it is long."""

    line: int
    fault: BadValue
    raw: str


class FileRefusedError(Exception):
    """No row of the file can be read as it must be. `advice` says what to do."""

    def __init__(self, reason: str, advice: str, *, field: str = "", line: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.field = field
        self.line = line


def csv_rows(handle: IO[bytes], layout: Layout) -> Iterator[Row | Unreadable]:
    """The rows of a CSV file: UTF-8 with or without a byte-order mark; comma, semicolon or tab; any line ends.

    Raises:
        FileRefusedError: it is not UTF-8 text, or its header lacks a column or has one twice.
    """
    first = handle.read(4)
    if not first:
        return
    if first[:2] in _UTF_16:
        raise FileRefusedError("is UTF-16, not UTF-8", "Save it as UTF-8 (in Excel: CSV UTF-8).")
    whole = io.BufferedReader(_Pushed(first.removeprefix(_BOM), handle), 1 << 20)
    lines = _Lines(io.TextIOWrapper(whole, "utf-8", errors="surrogateescape", newline=""))
    header = _header(lines, layout)
    if header is None:
        return
    names, delimiter = header
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin_row()
        begins = lines.number + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            advice = (
                "Put fields with delimiters, quotes or line breaks into double quotes, and double the quotes inside."
            )
            yield Unreadable(begins, BadValue("row", f"is not CSV ({error})", advice), lines.row)
            continue
        if not values:
            continue
        if len(values) != len(names):
            advice = f"Quote fields that hold a {_spoken(delimiter)}, and give every row all {len(names)} fields."
            fault = BadValue("row", "has another number of fields than the header", advice)
            yield Unreadable(begins, fault, lines.row)
            continue
        # A trailing delimiter gives a column without a name: what stands there is nobody's.
        row = {name: value or None for name, value in zip(names, values, strict=True) if name}
        wrong = next((name for name, value in row.items() if value and _SURROGATE.search(value)), None)
        if wrong is not None:
            fault = BadValue(wrong, "is not UTF-8", "Save the file as UTF-8.")
            yield Unreadable(begins, fault, _printable(lines.row))
            continue
        yield Row(begins, row)


class _Pushed(io.RawIOBase):
    """A binary stream with bytes that were taken from it put back in front."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._first[: len(buffer)]
        self._first = self._first[len(found) :]
        if not found:
            found = self._rest.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


class _Lines:
    """The lines of a text, with their number and what the row at hand has taken of them."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._pushed: str | None = None
        self.number = 0
        self.row = ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line, self._pushed = self._pushed, None
        if line is None:
            line = self._text.readline(LONGEST_LINE)
            if not line:
                raise StopIteration
        self.number += 1
        self.row = (self.row + line)[:_SHOWN_RAW]
        return line

    def begin_row(self) -> None:
        self.row = ""


def _header(lines: _Lines, layout: Layout) -> tuple[list[str], str] | None:
    """Names and delimiter: the one that finds the most of the known columns. None = the file holds nothing."""
    line = next((line for line in lines if line.strip()), None)
    if line is None:
        return None
    best: tuple[list[str], str] = ([], ",")
    known = set(layout.names)
    for delimiter in DELIMITERS:
        try:
            names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter, strict=True))]
        except csv.Error:
            continue
        if not best[0] or len(known & set(names)) > len(known & set(best[0])):
            best = (names, delimiter)
    names = best[0]
    if _SURROGATE.search(line):
        raise FileRefusedError("is not UTF-8", "Save it as UTF-8 (in Excel: CSV UTF-8).", line=lines.number)
    _require(layout, names, line=lines.number)
    return best


def _require(layout: Layout, names: list[str], *, line: int = 1) -> None:
    missing = [name for name in layout.required if name not in names]
    if missing:
        raise FileRefusedError(
            f"lacks {'column' if len(missing) == 1 else 'columns'} {', '.join(missing)}",
            f"Name the columns of {layout.stream} as docs/sources/files.md does. Found: "
            f"{', '.join(name[:40] for name in names[:20]) or 'none'}.",
            field=missing[0],
            line=line,
        )
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise FileRefusedError(f"has the column {twice} twice", "Leave one of them out.", field=twice, line=line)


def ndjson_rows(handle: IO[bytes], layout: Layout) -> Iterator[Row | Unreadable]:
    """The rows of an NDJSON file: one JSON object a line, UTF-8.

    Raises:
        FileRefusedError: it is not UTF-8 text.
    """
    number = 0
    while line := handle.readline(LONGEST_LINE):
        number += 1
        if number == 1:
            if line[:2] in _UTF_16:
                raise FileRefusedError("is UTF-16, not UTF-8", "Save it as UTF-8.")
            line = line.removeprefix(_BOM)
        shown = line[:_SHOWN_RAW].decode("utf-8", "replace")
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while (more := handle.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                pass
            yield Unreadable(number, BadValue("row", "is longer than 16 MB", "Write one JSON object a line."), shown)
            continue
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_constant=not_json)
        except UnicodeDecodeError:
            yield Unreadable(number, BadValue("row", "is not UTF-8", "Write the file as UTF-8."), shown)
        except (ValueError, RecursionError):
            fault = BadValue("row", "is not valid JSON", "Write one JSON object a line, without line breaks inside.")
            yield Unreadable(number, fault, shown)
        else:
            if isinstance(found, dict):
                yield Row(number, found)
            else:
                fault = BadValue("row", "is JSON, but not an object", 'Write {"column": value, …} on every line.')
                yield Unreadable(number, fault, shown)


def parquet_rows(handle: IO[bytes], layout: Layout) -> Iterator[Row | Unreadable]:
    """The rows of a Parquet file. Timestamps of any unit become ISO 8601 texts.

    Raises:
        FileRefusedError: it is not Parquet, or cut off; it lacks a column; an instant's column knows no time zone.
    """
    try:
        # Without these two it would hold whole column chunks of a row group.
        file = pq.ParquetFile(handle, pre_buffer=False, buffer_size=1 << 20)
    except pa.ArrowException as error:
        raise FileRefusedError(f"is not a whole Parquet file ({_first_line(error)})", "Write it again.") from None
    names = list(file.schema_arrow.names)
    _require(layout, names)
    _refuse_naive(file.schema_arrow, layout)
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            columns = [_plain(column) for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                yield Row(number, dict(zip(names, values, strict=True)))
    except (pa.ArrowException, OSError) as error:
        raise FileRefusedError(
            f"cannot be read beyond row {number} ({_first_line(error)})", "Write it again.", line=number + 1
        ) from None


def _refuse_naive(schema: pa.Schema, layout: Layout) -> None:
    for column in layout.columns:
        if column.kind is not Kind.INSTANT or column.name not in schema.names:
            continue
        found = schema.field(column.name).type
        if pa.types.is_timestamp(found) and found.tz is None:
            raise FileRefusedError(
                f"has timestamps without a time zone in {column.name}",
                "Write the column as timestamp with time zone UTC (pandas: .dt.tz_localize('UTC') if they are UTC).",
                field=column.name,
            )


def _plain(column: pa.Array) -> list[Any]:
    """The values of a column as JSON can hold them."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        return [_iso_of(value, _PER_SECOND[kind.unit], kind.tz) for value in column.cast(pa.int64()).to_pylist()]
    return [_jsonable(value) for value in column.to_pylist()]


def _iso_of(value: int | None, per_second: int, zone: str | None) -> str | None:
    """A timestamp as text; one that no calendar holds as its number, which is no instant."""
    if value is None:
        return None
    seconds, rest = divmod(value, per_second)
    try:
        moment = _EPOCH + timedelta(seconds=seconds, microseconds=rest * 1_000_000 // per_second)
    except OverflowError:
        return str(value)
    return iso(moment) if zone is not None else moment.replace(tzinfo=None).isoformat()


def _jsonable(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(name): _jsonable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(inner) for inner in value]
    return str(value)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _spoken(delimiter: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab"}[delimiter]


def _printable(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


FORMATS: dict[str, Callable[[IO[bytes], Layout], Iterator[Row | Unreadable]]] = {
    "csv": csv_rows,
    "ndjson": ndjson_rows,
    "jsonl": ndjson_rows,
    "parquet": parquet_rows,
}
