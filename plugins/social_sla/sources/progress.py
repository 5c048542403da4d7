"""What an unfinished extraction has read already: its answers, in order, so that the next run asks only for the rest.

The answers are kept as staged part files beside the landing (`progress/<partition>/`), compressed, each under the
fingerprint of its request. A run that takes up the work runs the stream's reader again from its beginning, and the
answers come from the parts as long as the reader asks the very same questions. So every reader can be resumed, whatever
it does; a declaration or parameters that have changed ask something else, and then the rest is thrown away. Nothing of
it is the landing's: a commit stays one manifest, and the parts go when it is written.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import struct
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import pyarrow as pa

from social_sla.landing import Landing, PartitionKey
from social_sla.sources.base import Request
from social_sla.sources.errors import RequestError

log = logging.getLogger(__name__)

# Request fingerprint, status, sizes of the headers and of the body, packed size, crc32 of what is packed.
_FRAME = struct.Struct(">16sHIIII")
_CODEC = pa.Codec("lz4")
_KEPT_HEADERS = ("link",)
# On object stores a part is one upload; on local disks every answer is appended at once.
_PART_BYTES = 4_000_000
LONGEST_AGE = timedelta(hours=72)
_FORMAT = 1


@dataclass(frozen=True)
class Reply:
    """One answer: its JSON text, the headers that paging needs."""

    content: bytes
    headers: Mapping[str, str]


def fingerprint(request: Request) -> bytes:
    """The request as 16 bytes: path, query and body."""
    asked = [request.path, sorted((name, value) for name, value in request.params.items()), request.json]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).digest()[:16]


class Progress:
    """The answers of one partition's unfinished extraction. Only for the holder of the partition's lock.

    `origin` says whose answers they are (connection, address, version); another origin takes nothing up.
    """

    def __init__(self, landing: Landing, key: PartitionKey, origin: str) -> None:
        self._files = landing.files
        self._folder = f"progress/{key.partition_key}"
        self._origin = origin
        self._stored: Iterator[tuple[bytes, int, dict[str, str], bytes]] | None = None
        self._good: list[tuple[str, int]] = []
        self._handle: IO[Any] | None = None
        self._buffer = bytearray()
        self._part = 0
        self._position = 0
        self._begun_at = datetime.now(UTC)
        self.is_open = False
        self.replayed = 0
        self.kept = 0
        self.started_at: datetime | None = None
        self.calls = 0
        self.wait_seconds = 0.0
        self.run_id = ""
        self.run_calls = 0

    def open(self, now: datetime, *, committed_at: datetime | None, run_id: str) -> None:
        """Takes up what is there, unless it is of another origin, too old, or older than the committed partition."""
        self.is_open = True
        self._good = []
        record = self._record()
        usable = (
            record.get("format") == _FORMAT
            and record.get("origin") == self._origin
            and datetime.now(UTC) - record["begun_at"] < LONGEST_AGE
            and (committed_at is None or record["begun_at"] > committed_at)
        )
        if not usable:
            if record:
                log.info("Progress of %s is of no use any more (other settings, or too old) and goes.", self._folder)
            self.discard()
            self.started_at, self.run_id = now, run_id
            self._write_record(begun_at=datetime.now(UTC))
            self._stored = None
            return
        self.started_at = record["started_at"]
        self.calls, self.wait_seconds = record["calls"], record["wait_seconds"]
        self.run_id = run_id
        self.run_calls = record["run_calls"] if record["run_id"] == run_id else 0
        self._begun_at = record["begun_at"]
        parts = self._files.list(f"{self._folder}/parts")
        self._part = len(parts)
        self._stored = self._read(parts)

    def replay(self, request: Request) -> Reply | None:
        """The answer to `request` from the run before; None = ask the vendor.

        Raises:
            RequestError: the vendor has refused it then.
        """
        if self._stored is None:
            return None
        mark = fingerprint(request)
        found = next(self._stored, None)
        if found is None or found[0] != mark:
            if found is not None:
                log.info("%s: other requests than in the run before; the rest of its answers goes.", self._folder)
            self._cut()
            self._stored = None
            return None
        self.replayed += 1
        _, status, headers, content = found
        self._good[-1] = (self._good[-1][0], self._position)
        if status >= 400:
            raise RequestError(content.decode(), status=status)
        return Reply(content, headers)

    def keep(self, request: Request, content: bytes, headers: Mapping[str, str], *, status: int = 200) -> None:
        """Keeps an answer, so that it need not be asked for again."""
        few = {name.lower(): value for name, value in headers.items() if name.lower() in _KEPT_HEADERS}
        head = json.dumps(few).encode() if few else b""
        raw = head + content
        packed = _CODEC.compress(raw, asbytes=True)
        frame = _FRAME.pack(fingerprint(request), status, len(head), len(raw), len(packed), zlib.crc32(packed))
        self.kept += 1
        if self._files.is_local:
            if self._handle is None:
                self._handle = self._files.open_write(self._part_name())
            self._handle.write(frame + packed)
            self._handle.flush()
            return
        self._buffer += frame + packed
        if len(self._buffer) >= _PART_BYTES:
            self._upload()

    def pause(self, calls: int, wait_seconds: float, run_calls: int) -> None:
        """The run ends without a commit: what it cost is kept with what it read."""
        if self._buffer:
            self._upload()
        self.close()
        self.calls, self.wait_seconds, self.run_calls = calls, wait_seconds, run_calls
        self._write_record(begun_at=self._begun_at)

    def discard(self) -> None:
        """Throws everything away: after the commit, or because it cannot be used."""
        self.close()
        self._buffer.clear()
        for path in self._files.list(self._folder):
            self._files.remove(path)
        self._part, self.replayed, self.kept = 0, 0, 0
        self.calls, self.wait_seconds, self.run_calls = 0, 0.0, 0

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _part_name(self) -> str:
        self._part += 1
        return f"{self._folder}/parts/{self._part:06d}-{uuid.uuid4().hex[:8]}"

    def _upload(self) -> None:
        self._files.write_bytes(self._part_name(), bytes(self._buffer))
        self._buffer.clear()

    def _record(self) -> dict[str, Any]:
        try:
            record = json.loads(self._files.read(f"{self._folder}/progress.json"))
            for name in ("begun_at", "started_at"):
                record[name] = datetime.fromisoformat(record[name])
            return {"calls": 0, "wait_seconds": 0.0, "run_id": "", "run_calls": 0, **record}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, KeyError):
            return {"format": None}

    def _write_record(self, *, begun_at: datetime) -> None:
        self._begun_at = begun_at
        assert self.started_at is not None
        record = {
            "format": _FORMAT,
            "origin": self._origin,
            "begun_at": begun_at.isoformat(),
            "started_at": self.started_at.isoformat(),
            "calls": self.calls,
            "wait_seconds": round(self.wait_seconds, 3),
            "run_id": self.run_id,
            "run_calls": self.run_calls,
        }
        self._files.write_bytes(f"{self._folder}/progress.json", json.dumps(record, indent=1).encode() + b"\n")

    def _read(self, parts: list[str]) -> Iterator[tuple[bytes, int, dict[str, str], bytes]]:
        """The answers in their order, to the first one that is not whole (the process died while it was written)."""
        for path in parts:
            self._good.append((path, 0))
            with self._files.open_read(path) as handle:
                while head := handle.read(_FRAME.size):
                    packed = b""
                    if len(head) == _FRAME.size:
                        mark, status, head_size, raw_size, packed_size, crc = _FRAME.unpack(head)
                        packed = handle.read(packed_size)
                    if len(head) < _FRAME.size or len(packed) < packed_size or zlib.crc32(packed) != crc:
                        return
                    raw = _CODEC.decompress(packed, raw_size, asbytes=True)
                    self._position = handle.tell()
                    yield mark, status, json.loads(raw[:head_size]) if head_size else {}, raw[head_size:]

    def _cut(self) -> None:
        """Keeps the answers that were used, and nothing behind them: neither others nor a half-written one."""
        used = dict(self._good)
        for path in self._files.list(f"{self._folder}/parts"):
            size = used.get(path, 0)
            if size == 0:
                self._files.remove(path)
            elif size < self._files.size(path):
                if self._files.is_local:
                    os.truncate(self._files.absolute(path), size)
                else:
                    self._files.write_bytes(path, self._files.read(path)[:size])
