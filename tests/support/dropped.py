"""A folder that files are dropped into, and extractions from it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from social_sla.landing import Landing, LandingRecord, Manifest, PartitionKey
from social_sla.sources.base import Credentials, Window
from social_sla.sources.extract import extract_stream

ACCOUNT = "oldcrm"
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 10, tzinfo=UTC)
Rows = Sequence[Mapping[str, Any]]


def window(day: int = 0) -> Window:
    """The window of the day with this number."""
    return Window(START + day * DAY, START + (day + 1) * DAY)


def message(number: int, **other: Any) -> dict[str, Any]:
    """A good message."""
    return {
        "message_id": f"m{number}",
        "conversation_id": f"c{number}",
        "created_at": "2026-03-01T09:00:00Z",
        "author_type": "customer",
        "author_id": "ana",
        "text": "Where is my bag? 🧳",
        **other,
    }


def csv_text(rows: Rows, delimiter: str = ",", line_end: str = "\n") -> str:
    """Rows as CSV, every field in quotes."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name) for name in names] for row in rows)]
    return "".join(delimiter.join(_quoted(value) for value in line) + line_end for line in lines)


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, list):
        value = "|".join(value)
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def content(rows: Rows, kind: str) -> bytes:
    """Rows as a file of a kind: csv, ndjson, parquet."""
    if kind == "csv":
        return csv_text(rows).encode()
    if kind == "ndjson":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), sink, row_group_size=1_000)
    return sink.getvalue().to_pybytes()


@dataclass
class Drop:
    """A drop folder with one account, and a landing."""

    root: Path
    landing: Landing

    @property
    def folder(self) -> Path:
        return self.root / ACCOUNT

    def put(self, name: str, body: bytes | str | Rows, *, minute: int = 0) -> Path:
        """Drops a file; its modification time is START + 8 h and some minutes, so that it counts as whole."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(body, str):
            body = body.encode()
        path.write_bytes(body if isinstance(body, bytes) else content(body, path.suffix[1:]))
        moment = (START + timedelta(hours=8, minutes=minute)).timestamp()
        os.utime(path, (moment, moment))
        return path

    def credentials(self, **extra: Any) -> Credentials:
        return Credentials("files_default", str(self.root), extra=extra)

    def extract(self, stream: str = "messages", *, day: int = 0, **extra: Any) -> Manifest:
        """Extracts a day of a stream."""
        self.folder.mkdir(parents=True, exist_ok=True)
        credentials = self.credentials(**extra)
        return extract_stream("files", stream, ACCOUNT, credentials, window(day), self.landing, "run", now=NOW)

    def landed(self, stream: str = "messages", *, day: int = 0) -> list[LandingRecord]:
        """What a partition holds, by id and version."""
        key = PartitionKey("files", ACCOUNT, stream, window(day).start, window(day).end)
        return sorted(self.landing.read(key))

    def payloads(self, stream: str = "messages", *, day: int = 0) -> list[dict[str, Any]]:
        """The landed rows."""
        return [json.loads(record.payload) for record in self.landed(stream, day=day)]

    def newest(self, stream: str = "messages") -> dict[str, dict[str, Any]]:
        """The newest version of each record over all partitions, as staging takes it."""
        found: dict[str, LandingRecord] = {}
        for manifest in self.landing.stream_manifests("files", ACCOUNT, stream):
            for record in self.landing.read(manifest.key):
                if record.record_id not in found or record[1:] > found[record.record_id][1:]:
                    found[record.record_id] = record
        return {name: json.loads(record.payload) for name, record in found.items()}

    def rejects(self, name: str) -> list[dict[str, Any]]:
        """What was rejected of a file; nothing where there is no such file."""
        path = self.folder / "rejects" / f"{name}.rejects.ndjson"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def quarantine(self, manifest: Manifest) -> list[dict[str, Any]]:
        """What the landing set aside."""
        if manifest.quarantine_file is None:
            return []
        return [json.loads(line) for line in self.landing.files.read(manifest.quarantine_file).splitlines()]
