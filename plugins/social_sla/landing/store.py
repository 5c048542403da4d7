"""The landing: replace a partition in one commit, list what is committed, read it back."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from social_sla.landing.digest import PartitionDigest, SeenDigests, row_digest
from social_sla.landing.files import Files
from social_sla.landing.model import (
    LandingRecord,
    LoadStats,
    Manifest,
    ManifestError,
    PartitionKey,
    PartitionMissingError,
    ShrinkError,
    contiguous_end,
    safe_name,
)

log = logging.getLogger(__name__)

_INSTANT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("stream", pa.string(), nullable=False),
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("record_updated_at", _INSTANT, nullable=False),
        pa.field("extracted_at", _INSTANT, nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("payload", pa.string(), nullable=False),
    ]
)
_BATCH_ROWS = 5_000
_BATCH_CHARACTERS = 8_000_000
SHRINK_SHARE = 0.5
SHRINK_ROWS = 20


@dataclass
class _Written:
    row_count: int = 0
    duplicate_count: int = 0
    first_updated_at: datetime | None = None
    last_updated_at: datetime | None = None
    sha256: str = ""


class Landing:
    """A landing at any fsspec URL (`file:///data/landing`, `s3://bucket/landing`, `memory://landing`).

    Layout, columns and manifest: docs/architecture.md, "Landing". Instances keep no state: any number of processes may
    read, and write different partitions, at the same time.
    """

    def __init__(self, url: str, *, files: Files | None = None) -> None:
        self.files = files or Files(url)
        self.url = self.files.url

    def __repr__(self) -> str:
        return f"Landing({self.url!r})"

    def replace_partition(
        self,
        key: PartitionKey,
        records: Iterable[LandingRecord],
        *,
        run_id: str,
        extracted_at: datetime,
        stats: LoadStats | None = None,
        allow_shrink: bool = False,
        quarantine: Callable[[], bytes] | None = None,
    ) -> Manifest:
        """Writes `records` as the new content of the partition and commits it.

        `records` is consumed once, in batches: memory does not grow with it. If it raises, or anything here does, or
        the process dies, the old partition stays whole; files left behind are removed by the next write. The commit is
        the manifest's rename. `stats` and `quarantine` (NDJSON lines of what could not be landed, or nothing) are asked
        for after the last record, so that whoever yields the records can fill them on the way.

        Raises:
            ShrinkError: fewer than half of the committed rows, and more than 20 fewer, without `allow_shrink`.
            PartitionBusyError: another process is writing this partition (local disks).
            ManifestError: the committed manifest cannot be read, and `allow_shrink` is not set.
        """
        stats = stats or LoadStats()
        token = f"{safe_name(run_id)}-{uuid.uuid4().hex[:8]}"
        with self.files.lock(f"lock/{key.partition_key}.lock"):
            committed = self._committed(key, ignore_unreadable=allow_shrink)
            path = f"data/{key.partition_key}/{token}.parquet"
            written = self._write_data(path, key, records, run_id=run_id, extracted_at=extracted_at)
            try:
                if not allow_shrink:
                    _refuse_shrinking(key, committed, written)
            except ShrinkError:
                self.files.remove(self.files.staging_name(path))
                raise
            self.files.publish(self.files.staging_name(path), path)
            rejected = quarantine() if quarantine else b""
            quarantine_file = self.write_quarantine(key, rejected, token=token) if rejected else None
            manifest = Manifest(
                source=key.source,
                account=key.account,
                stream=key.stream,
                partition_start=key.start,
                partition_end=key.end,
                run_id=run_id,
                row_count=written.row_count,
                byte_count=self.files.size(path),
                sha256=written.sha256,
                first_updated_at=written.first_updated_at,
                last_updated_at=written.last_updated_at,
                call_count=stats.call_count,
                wait_seconds=round(stats.wait_seconds, 3),
                committed_at=datetime.now(UTC),
                files=(path,),
                quarantined_count=stats.quarantined_count,
                duplicate_count=written.duplicate_count,
                quarantine_file=quarantine_file,
            )
            self.files.write_bytes(_manifest_path(key), (json.dumps(manifest.to_dict(), indent=1) + "\n").encode())
            self._remove_leftovers(manifest)
        return manifest

    def write_quarantine(self, key: PartitionKey, content: bytes, *, token: str) -> str:
        """Keeps records that could not be landed (NDJSON: `reason`, `record`) and returns the file's relative path."""
        path = f"quarantine/{key.partition_key}/{token}.ndjson"
        self.files.write_bytes(path, content)
        return path

    def manifests(self, source: str | None = None) -> list[Manifest]:
        """All committed partitions, ordered by source, account, stream, start, end.

        Raises:
            ManifestError: one of them cannot be read.
        """
        folder = "manifest" if source is None else f"manifest/{safe_name(source)}"
        return self._read_manifests(folder)

    def stream_manifests(self, source: str, account: str, stream: str) -> list[Manifest]:
        """The committed partitions of one stream, ordered by start."""
        return self._read_manifests("manifest/" + "/".join(safe_name(part) for part in (source, account, stream)))

    def manifest(self, key: PartitionKey) -> Manifest | None:
        """The committed manifest of exactly this partition, or None."""
        return self._committed(key, ignore_unreadable=False)

    def landed_through(self, source: str, account: str, stream: str) -> datetime | None:
        """End of the coverage without a hole from the earliest start on; None when nothing was landed."""
        found = self.stream_manifests(source, account, stream)
        return contiguous_end([(item.partition_start, item.partition_end) for item in found])

    def data_urls(self, manifest: Manifest) -> list[str]:
        """The partition's data files as URLs, for readers that take fsspec URLs or local paths."""
        return [self.files.url_of(path) for path in manifest.files]

    def read(self, key: PartitionKey) -> Iterator[LandingRecord]:
        """The partition's records, streamed, in no particular order.

        Raises:
            PartitionMissingError: it was never landed.
            ManifestError: its data files are not there.
        """
        manifest = self.manifest(key)
        if manifest is None:
            raise PartitionMissingError(
                f"The partition {key} was never landed in {self.url}. Run its extraction first."
            )
        for path in manifest.files:
            try:
                handle = self.files.open_read(path)
            except FileNotFoundError as error:
                raise ManifestError(
                    f"The manifest of {key} names {path}, which is not there: it was removed by hand, or replaced "
                    "while this was reading. Try again; if it stays so, land the partition again."
                ) from error
            with handle:
                columns = ["record_id", "record_updated_at", "payload"]
                for batch in pq.ParquetFile(handle).iter_batches(batch_size=_BATCH_ROWS, columns=columns):
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        yield LandingRecord(*row)

    def _write_data(
        self, path: str, key: PartitionKey, records: Iterable[LandingRecord], *, run_id: str, extracted_at: datetime
    ) -> _Written:
        staged = self.files.staging_name(path)
        handle = self.files.open_write(staged)
        try:
            constants = {"source": key.source, "account": key.account, "stream": key.stream, "run_id": run_id}
            written = _write_parquet(handle, records, constants, extracted_at.astimezone(UTC))
            self.files.finish(handle)
        except BaseException:
            self.files.abandon(handle, staged)
            raise
        return written

    def _committed(self, key: PartitionKey, *, ignore_unreadable: bool) -> Manifest | None:
        path = _manifest_path(key)
        try:
            return Manifest.from_json(self.files.read(path), name=path)
        except FileNotFoundError:
            return None
        except ManifestError:
            if ignore_unreadable:
                return None
            raise

    def _read_manifests(self, folder: str) -> list[Manifest]:
        found = []
        for path in self.files.list(folder):
            if path.endswith(".json") and not path.rpartition("/")[2].startswith("."):
                found.append(Manifest.from_json(self.files.read(path), name=path))
        return sorted(found, key=lambda item: item.key)

    def _remove_leftovers(self, manifest: Manifest) -> None:
        """Earlier versions' files and what a crash left. The commit stands whatever happens here."""
        kept = {*manifest.files, manifest.quarantine_file}
        folder = manifest.key.partition_key
        temporary = f"manifest/{manifest.key.folder}/.tmp-{manifest.key.interval}.json"
        try:
            stale = [*self.files.list(f"data/{folder}"), *self.files.list(f"quarantine/{folder}")]
            for path in stale:
                if path not in kept:
                    self.files.remove(path)
            if self.files.is_local:
                self.files.remove(temporary)
        except OSError as error:
            log.warning("Landing: %s is committed, but old files could not be removed (%s).", manifest.key, error)


def _manifest_path(key: PartitionKey) -> str:
    return f"manifest/{key.partition_key}.json"


def _refuse_shrinking(key: PartitionKey, committed: Manifest | None, written: _Written) -> None:
    if committed is None:
        return
    lost = committed.row_count - written.row_count
    if lost > SHRINK_ROWS and written.row_count < SHRINK_SHARE * committed.row_count:
        raise ShrinkError(
            f"The partition {key} has {committed.row_count} rows, the new extraction has {written.row_count}. "
            "Nothing was replaced. Look at the source first (permissions, plan, deleted data, a wrong account); "
            "if it really has so little now, run it again with allow_shrink."
        )


def _write_parquet(
    handle: IO[Any], records: Iterable[LandingRecord], constants: dict[str, str], extracted_at: datetime
) -> _Written:
    """Streams records into `handle`, each distinct row once."""
    written, digest = _Written(), PartitionDigest()
    writer = pq.ParquetWriter(
        handle, SCHEMA, compression="zstd", use_dictionary=["source", "account", "stream", "run_id"]
    )
    batch: list[LandingRecord] = []
    size = 0
    with SeenDigests() as seen, writer:
        for record in records:
            fingerprint = row_digest(record)
            if not seen.add(fingerprint):
                written.duplicate_count += 1
                continue
            digest.add(fingerprint)
            written.row_count += 1
            moment = record.record_updated_at
            if written.first_updated_at is None or moment < written.first_updated_at:
                written.first_updated_at = moment
            if written.last_updated_at is None or moment > written.last_updated_at:
                written.last_updated_at = moment
            batch.append(record)
            size += len(record.payload)
            if len(batch) >= _BATCH_ROWS or size >= _BATCH_CHARACTERS:
                writer.write_table(_table(batch, constants, extracted_at))
                batch, size = [], 0
        if batch or not written.row_count:
            writer.write_table(_table(batch, constants, extracted_at))
    written.sha256 = digest.hexdigest()
    return written


def _table(batch: list[LandingRecord], constants: dict[str, str], extracted_at: datetime) -> pa.Table:
    rows = len(batch)
    columns: dict[str, Any] = {name: pa.array([value] * rows, pa.string()) for name, value in constants.items()}
    columns["record_id"] = pa.array([record.record_id for record in batch], pa.string())
    columns["record_updated_at"] = pa.array([record.record_updated_at for record in batch], _INSTANT)
    columns["extracted_at"] = pa.array([extracted_at] * rows, _INSTANT)
    columns["payload"] = pa.array([record.payload for record in batch], pa.string())
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)
