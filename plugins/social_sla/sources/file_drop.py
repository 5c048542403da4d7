"""The folder that other systems drop files into: what lies in it, what has landed of it, what was rejected."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from social_sla.landing import Landing, ManifestError, PartitionKey
from social_sla.landing.files import Files
from social_sla.sources.errors import AccessDeniedError, AccountNotFoundError, CredentialsError, VendorUnavailableError
from social_sla.sources.file_formats import FORMATS
from social_sla.sources.file_layout import LAYOUTS

log = logging.getLogger(__name__)

REJECTS = "rejects"
QUIET_SECONDS = 60.0
_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp", ".temp")
_STREAMS = "|".join(sorted(LAYOUTS, key=len, reverse=True))
_NAMED = re.compile(rf"({_STREAMS})(?:[-._ ].*)?")
_BLOCK = 1 << 20
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Found:
    """A file that can be read. `path` is relative to the account's folder; `modified_at` is UTC."""

    path: str
    stream: str
    format: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class Contents:
    """What lies in a folder: files to read, files that are still being written, and others with the reason."""

    found: tuple[Found, ...]
    unfinished: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Delivery:
    """One content of one file, as it was read. `version_at` orders the versions of a record that files give."""

    path: str
    sha256: str
    size: int
    modified_at: datetime
    version_at: datetime

    @property
    def name(self) -> str:
        """What its rows carry: path and version."""
        return f"{self.path}@{self.version_at.strftime(_INSTANT)}"


class Folder:
    """The folder of one account, at any fsspec URL (`file:///drop`, `s3://bucket/drop`).

    Raises:
        CredentialsError: the URL cannot be used.
    """

    def __init__(self, url: str, account: str) -> None:
        try:
            self.files = Files(f"{url}/{account}")
        except (ValueError, ImportError) as error:
            raise CredentialsError(
                f"{url} is no folder that can be read here ({error}). Write it like file:///data/drop; for a bucket, "
                "like s3://bucket/drop, the package of its fsspec file system must be installed."
            ) from None

    @property
    def url(self) -> str:
        return self.files.url

    def contents(self, quiet_seconds: float, now: datetime) -> Contents:
        """Every file of the folder, judged. What changed less than `quiet_seconds` ago is still being written.

        Raises:
            AccountNotFoundError, AccessDeniedError, VendorUnavailableError: the folder is not there, not ours to read,
                or cannot be read now.
        """
        self._require_folder()
        found: list[Found] = []
        unfinished: list[str] = []
        unknown: list[str] = []
        with self._in_words(""):
            for path in self.files.list(""):
                parts = path.split("/")
                if parts[0] == REJECTS or any(part.startswith((".", "_")) for part in parts):
                    continue
                kind = path.rpartition(".")[2].lower()
                if path.lower().endswith(_UNFINISHED):
                    unfinished.append(path)
                elif kind not in FORMATS or (stream := _stream_of(parts)) is None:
                    unknown.append(path)
                else:
                    with suppress(FileNotFoundError):  # gone since it was listed
                        one = Found(path, stream, kind, self.files.size(path), self._modified_at(path))
                        # A clock that is ahead must not keep a file out for ever.
                        if abs(now - one.modified_at) >= timedelta(seconds=quiet_seconds):
                            found.append(one)
                        else:
                            unfinished.append(path)
        found.sort(key=lambda one: (one.modified_at, one.path))
        return Contents(tuple(found), tuple(unfinished), tuple(unknown))

    def sha256(self, path: str) -> str:
        """The fingerprint of a file's content."""
        hasher = hashlib.sha256()
        with self.open(path) as handle:
            while block := handle.read(_BLOCK):
                hasher.update(block)
        return hasher.hexdigest()

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """A file for reading; trouble with it comes in words."""
        with self._in_words(path), self.files.open_read(path) as handle:
            yield handle

    def is_as_found(self, found: Found) -> bool:
        """Whether the file has neither changed nor gone since it was listed."""
        with self._in_words(found.path):
            try:
                self.files.filesystem.invalidate_cache()
                return (self.files.size(found.path), self._modified_at(found.path)) == (found.size, found.modified_at)
            except FileNotFoundError:
                return False

    def _modified_at(self, path: str) -> datetime:
        moment: datetime = self.files.filesystem.modified(self.files.absolute(path))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

    def _require_folder(self) -> None:
        # Object stores have no folders: an empty one and a missing one are the same.
        if not self.files.is_local:
            return
        try:
            os.scandir(self.files.root).close()
        except (FileNotFoundError, NotADirectoryError):
            raise AccountNotFoundError(
                f"There is no folder {self.files.root}: make it, or correct the connection's host (it is the folder "
                "that holds one folder an account)."
            ) from None
        except OSError as error:
            self._raise("", error)

    @contextmanager
    def _in_words(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._raise(path, error)

    def _raise(self, path: str, error: OSError) -> None:
        where = self.files.absolute(path) if path else self.files.root
        if isinstance(error, PermissionError):
            raise AccessDeniedError(
                f"{where} may not be read by the user that this runs as: give them leave to read it."
            ) from None
        raise VendorUnavailableError(
            f"{where} cannot be read now ({error}). Nothing was replaced; run it again."
        ) from None


def _stream_of(parts: list[str]) -> str | None:
    """Which stream a file belongs to: the folder that it lies in says so, or how its name begins."""
    if len(parts) > 1:
        return parts[0] if parts[0] in LAYOUTS else None
    match = _NAMED.fullmatch(parts[0].rpartition(".")[0])
    return match.group(1) if match else None


@dataclass
class Ledger:
    """Which contents of which files have landed for a stream, by the receipts beside its partitions.

    A receipt counts only if its partition was committed after it was written: a run that ended in between has landed
    nothing, and its files are read again.
    """

    landing: Landing
    key: PartitionKey
    _own: dict[str, Delivery] = field(default_factory=dict)
    _others: dict[str, Delivery] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.landing.files.list(f"receipts/{self.key.folder}"):
            if path.endswith(".json") and not path.rpartition("/")[2].startswith("."):
                self._take(json.loads(self.landing.files.read(path)))

    def _take(self, receipt: dict[str, Any]) -> None:
        start, end = (datetime.fromisoformat(receipt[name]) for name in ("partition_start", "partition_end"))
        key = PartitionKey(self.key.source, self.key.account, self.key.stream, start, end)
        try:
            manifest = self.landing.manifest(key)
        except ManifestError:
            return
        if manifest is None or manifest.committed_at < datetime.fromisoformat(receipt["written_at"]):
            return
        known = self._own if key == self.key else self._others
        for entry in receipt["files"]:
            times = {name: datetime.fromisoformat(entry[name]) for name in ("modified_at", "version_at")}
            delivery = Delivery(**{**entry, **times})
            before = known.get(delivery.path)
            if before is None or before.version_at < delivery.version_at:
                known[delivery.path] = delivery

    def to_read(self, folder: Folder, found: tuple[Found, ...]) -> Iterator[tuple[Found, Delivery]]:
        """The files that this partition holds or will hold, oldest version first.

        A file whose last content has landed with another partition is left out, also if it was dropped again as it
        was. One with another content is newer than what it was before, whatever its time says.
        """
        last = datetime.min.replace(tzinfo=UTC)
        chosen = []
        for one in found:
            own, other = self._own.get(one.path), self._others.get(one.path)
            before = max(filter(None, (own, other)), key=lambda delivery: delivery.version_at, default=None)
            is_untouched = before is not None and (before.size, before.modified_at) == (one.size, one.modified_at)
            sha256 = before.sha256 if before is not None and is_untouched else folder.sha256(one.path)
            if before is not None and before.sha256 == sha256:
                if before is own:
                    chosen.append((one, before))
                continue
            later = [last, before.version_at] if before is not None else [last]
            version_at = max(one.modified_at, max(later) + timedelta(microseconds=1))
            last = version_at
            chosen.append((one, Delivery(one.path, sha256, one.size, one.modified_at, version_at)))
        yield from sorted(chosen, key=lambda pair: pair[1].version_at)

    def kept(self, read: list[Delivery]) -> list[Delivery]:
        """What this partition holds of files that are no longer as they were."""
        names = {delivery.name for delivery in read}
        return [delivery for delivery in self._own.values() if delivery.name not in names]

    def write(self, deliveries: list[Delivery]) -> None:
        """The receipt of this partition, before it is committed. Without files there is none."""
        path = f"receipts/{self.key.partition_key}.json"
        if not deliveries:
            self.landing.files.remove(path)
            return
        receipt = {
            "partition_start": self.key.start.strftime(_INSTANT),
            "partition_end": self.key.end.strftime(_INSTANT),
            "written_at": datetime.now(UTC).strftime(_INSTANT),
            "files": [
                {
                    **asdict(delivery),
                    "modified_at": delivery.modified_at.strftime(_INSTANT),
                    "version_at": delivery.version_at.strftime(_INSTANT),
                }
                for delivery in deliveries
            ],
        }
        self.landing.files.write_bytes(path, json.dumps(receipt, indent=1).encode() + b"\n")


class Rejects:
    """What was rejected of one file, kept beside it: `rejects/<file>.rejects.ndjson`. Without any there is no file.

    A folder that may not be written to keeps none; the landing's quarantine has them all the same.
    """

    def __init__(self, folder: Folder, path: str) -> None:
        self._files = folder.files
        self._path = f"{REJECTS}/{path}.rejects.ndjson"
        self._handle: IO[Any] | None = None
        self.count = 0

    def add(self, reject: dict[str, Any]) -> None:
        """One more row."""
        self.count += 1
        try:
            if self._handle is None:
                self._handle = self._files.open_write(self._files.staging_name(self._path))
            self._handle.write(json.dumps(reject, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n")
        except OSError as error:
            self._give_up(error)

    def publish(self) -> None:
        """Puts the file into its place; what an earlier content of the file had there goes."""
        try:
            if self._handle is not None:
                self._files.finish(self._handle)
                self._files.publish(self._files.staging_name(self._path), self._path)
                self._handle = None
            elif not self.count and self._files.exists(self._path):
                self._files.remove(self._path)
        except OSError as error:
            self._give_up(error)

    def abandon(self) -> None:
        """Leaves what was there before."""
        if self._handle is not None:
            self._files.abandon(self._handle, self._files.staging_name(self._path))
            self._handle = None

    def _give_up(self, error: OSError) -> None:
        log.warning("%s cannot be written (%s); rejected rows are in the landing's quarantine.", self._path, error)
        self.abandon()
