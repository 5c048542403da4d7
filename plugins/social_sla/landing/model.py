"""What the landing is made of: keys, records, manifests and its exceptions (docs/architecture.md, "Landing")."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple

_STAMP = "%Y%m%dT%H%M%SZ"
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST_NAME = 120


class LandingError(RuntimeError):
    """Something about the landing is not as it must be; the message says what to do."""


class ShrinkError(LandingError):
    """The new partition has far fewer rows than the one that it would replace. Nothing was replaced."""


class ManifestError(LandingError):
    """A manifest cannot be read, or names a data file that is not there."""


class PartitionMissingError(LandingError):
    """The partition was never landed."""


class PartitionBusyError(LandingError):
    """Another process is writing the same partition now."""


def safe_name(name: str) -> str:
    """`name` as one path segment: letters, digits, `_`, `-`, inner dots; the rest as `~` and its UTF-8 bytes in hex.

    Two names never give the same segment. `=`, `%`, `*` and the like never appear, so that neither DuckDB's hive
    detection nor a glob nor an URL library reads anything into a path.

    Raises:
        ValueError: the name is empty.
    """
    if not name:
        raise ValueError("A source, account, stream or run id must not be empty.")
    safe = _UNSAFE.sub(lambda match: "".join(f"~{byte:02x}" for byte in match.group().encode()), name)
    if safe.startswith("."):
        safe = "~2e" + safe[1:]
    if len(safe) > _LONGEST_NAME:
        safe = f"{safe[: _LONGEST_NAME - 18]}~~{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return safe


def _utc(value: datetime, what: str) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{what} has no time zone: {value!r}. Pass an aware datetime.")
    return value.astimezone(UTC)


def format_instant(value: datetime) -> str:
    """`2026-03-01T00:00:00.000000Z`: UTC, microseconds, the one spelling that the hash and the manifests use."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _parse_instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


@dataclass(frozen=True, order=True)
class PartitionKey:
    """One partition: the records of a stream whose update time lies in `[start, end)` (UTC, whole seconds).

    Raises:
        ValueError: a name is empty, a bound has no zone or a fraction of a second, or `end` is not after `start`.
    """

    source: str
    account: str
    stream: str
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            value = _utc(getattr(self, name), name)
            if value.microsecond:
                raise ValueError(f"{name} must be a whole second, not {value.isoformat()}.")
            object.__setattr__(self, name, value)
        if self.end <= self.start:
            raise ValueError(f"The partition ends ({self.end}) at or before its start ({self.start}).")
        self.folder  # noqa: B018 - names are checked here, not at the first write

    @property
    def interval(self) -> str:
        return f"{self.start.strftime(_STAMP)}_{self.end.strftime(_STAMP)}"

    @property
    def folder(self) -> str:
        """`<source>/<account>/<stream>` as path segments."""
        return "/".join(safe_name(part) for part in (self.source, self.account, self.stream))

    @property
    def partition_key(self) -> str:
        """`x/AuroraAir/mentions/20260301T000000Z_20260302T000000Z`: unique, stable, fit for a column."""
        return f"{self.folder}/{self.interval}"

    def __str__(self) -> str:
        return self.partition_key


class LandingRecord(NamedTuple):
    """One record. `payload` is its JSON text as the vendor sent it; `record_updated_at` is aware."""

    record_id: str
    record_updated_at: datetime
    payload: str


@dataclass
class LoadStats:
    """What a load cost. The client counts into it while the landing writes; the manifest keeps the final figures."""

    call_count: int = 0
    wait_seconds: float = 0.0
    quarantined_count: int = 0


@dataclass(frozen=True)
class Manifest:
    """One committed partition. Written last: data files that no manifest names do not exist for any reader.

    `files` are relative to the landing's root. `byte_count` is the data files' size on disk. `duplicate_count` are rows
    that came more than once and were written once; `quarantined_count` are records that lack a required field.
    """

    source: str
    account: str
    stream: str
    partition_start: datetime
    partition_end: datetime
    run_id: str
    row_count: int
    byte_count: int
    sha256: str
    first_updated_at: datetime | None
    last_updated_at: datetime | None
    call_count: int
    wait_seconds: float
    committed_at: datetime
    files: tuple[str, ...] = ()
    quarantined_count: int = 0
    duplicate_count: int = 0
    quarantine_file: str | None = None
    format_version: int = field(default=1)

    @property
    def key(self) -> PartitionKey:
        return PartitionKey(self.source, self.account, self.stream, self.partition_start, self.partition_end)

    @property
    def partition_key(self) -> str:
        return self.key.partition_key

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: instants as text, `files` as a list."""
        result: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, datetime):
                value = format_instant(value)
            result[item.name] = list(value) if isinstance(value, tuple) else value
        return result

    @classmethod
    def from_json(cls, text: str | bytes, *, name: str) -> Manifest:
        """Parses a manifest; keys that this version does not know are left out, so that it can be rolled back.

        Raises:
            ManifestError: not JSON, or a field is missing or of a wrong type. `name` is the file, for the message.
        """
        try:
            data = json.loads(text)
            known = {item.name for item in fields(cls)}
            values = {key: value for key, value in data.items() if key in known}
            for key in ("partition_start", "partition_end", "first_updated_at", "last_updated_at", "committed_at"):
                values[key] = _parse_instant(values[key])
            values["files"] = tuple(values["files"])
            return cls(**values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ManifestError(
                f"The manifest {name} cannot be read ({error}). Land that partition again (same window) to rewrite it, "
                "or remove the file if the partition is not wanted."
            ) from error


def contiguous_end(intervals: list[tuple[datetime, datetime]]) -> datetime | None:
    """End of the coverage that runs without a hole from the earliest start; null when there is no interval."""
    through: datetime | None = None
    for start, end in sorted(intervals):
        if through is not None and start > through:
            break
        through = end if through is None else max(through, end)
    return through
