"""The partition's fingerprint and the removal of duplicates, both in bounded memory."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from social_sla.landing.model import LandingRecord, format_instant

_MODULUS = 1 << 256


def row_digest(record: LandingRecord) -> bytes:
    """sha256 of one row. Lengths go in first, so that no two different rows give the same bytes."""
    row_id = record.record_id.encode()
    updated = format_instant(record.record_updated_at).encode()
    payload = record.payload.encode()
    hasher = hashlib.sha256(b"%d:%d:%d:" % (len(row_id), len(updated), len(payload)))
    for part in (row_id, updated, payload):
        hasher.update(part)
    return hasher.digest()


class PartitionDigest:
    """sha256 of a set of rows, whatever their order: the rows' digests are added up modulo 2**256.

    Sorting first would need all rows at once; a sum needs 32 bytes. The same records in another order, or cut into
    other pages, give the same fingerprint.
    """

    def __init__(self) -> None:
        self._sum = 0
        self._count = 0

    def add(self, digest: bytes) -> None:
        self._sum = (self._sum + int.from_bytes(digest)) % _MODULUS
        self._count += 1

    def hexdigest(self) -> str:
        return hashlib.sha256(b"rows:%d:" % self._count + self._sum.to_bytes(32)).hexdigest()


class SeenDigests:
    """Which row digests have come already. In memory up to `memory_limit` (about 5 MB), beyond it in a SQLite file.

    Vendors repeat rows at page borders and while data changes under a running export; a set would grow with the
    history, a file does not.
    """

    def __init__(self, memory_limit: int = 50_000) -> None:
        self._limit = memory_limit
        self._recent: set[bytes] = set()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._database: sqlite3.Connection | None = None

    def add(self, digest: bytes) -> bool:
        """True when the digest is new."""
        if digest in self._recent or (self._database is not None and self._is_stored(digest)):
            return False
        self._recent.add(digest)
        if len(self._recent) >= self._limit:
            self._spill()
        return True

    def _is_stored(self, digest: bytes) -> bool:
        assert self._database is not None
        return self._database.execute("select 1 from seen where digest = ?", (digest,)).fetchone() is not None

    def _spill(self) -> None:
        if self._database is None:
            self._folder = tempfile.TemporaryDirectory(prefix="social-sla-seen-")
            self._database = sqlite3.connect(Path(self._folder.name) / "seen.sqlite", isolation_level=None)
            # A scratch file: if the process dies, so does the partition that was being written.
            self._database.execute("pragma journal_mode = off")
            self._database.execute("pragma synchronous = off")
            self._database.execute("create table seen (digest blob primary key) without rowid")
        self._database.execute("begin")
        self._database.executemany("insert into seen values (?)", ((digest,) for digest in sorted(self._recent)))
        self._database.execute("commit")
        self._recent.clear()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self._recent.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
